// Package alarms tells the states of a deployment's CloudWatch alarms, and when
// they were raised.
package alarms
