// Package status reports the current replication status of a deployment: the state
// of each rule with its reason, its metrics over a window, the last failures with
// their reasons, and the alarms. An unknown state never counts as ok.
package status
