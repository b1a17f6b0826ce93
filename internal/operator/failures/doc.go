// Package failures tells which objects S3 failed to replicate or replicated
// late, and why, from the queues that keep S3's events about it.
package failures
