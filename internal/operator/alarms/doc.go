// Package alarms reads the states and the history of a deployment's CloudWatch
// alarms.
package alarms
