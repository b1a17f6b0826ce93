// Package live reaches the accounts and regions that a deployment is in, with
// the credentials at hand, and says what to do where it cannot.
package live
