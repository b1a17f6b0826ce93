// Package operator implements the commands of crr: they read the descriptor of a
// deployment, read its live state from AWS, and report. It does not handle flags.
package operator
