// Package live provides AWS clients for the accounts and regions of a deployment, and
// errors that say what to do.
package live
