// Package status tells how a deployment replicates right now: each rule's
// state with its reason, what its metrics say over a window, what failed last
// and why, and the alarms. What is not known is never taken to be well.
package status
