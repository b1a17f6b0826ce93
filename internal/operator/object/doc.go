// Package object reports the replication state of one live object: its versions in
// each bucket of a link, S3's replication status, the reason, and the fix.
package object
