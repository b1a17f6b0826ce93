// Package failures reads S3's events of objects that failed to replicate or
// replicated late, with their reasons, from queues.
package failures
