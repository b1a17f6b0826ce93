// Package operator is what the commands of crr do: they read the descriptor of
// a deployment, ask AWS about it, and report. It knows nothing of flags.
package operator
