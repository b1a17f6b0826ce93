// Package object answers for one live object: what is at each end of a link, what
// S3's replication status says, why, and what to do.
package object
