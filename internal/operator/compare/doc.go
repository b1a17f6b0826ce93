// Package compare compares a source bucket with its destinations.
//
// The sorted lists of the source and of a destination are read side by side, so that
// memory does not grow with the buckets. Key ranges are compared concurrently, and a
// long range is split while it is read. Each difference is examined with calls about
// the object: it may be pending, failed, or not selected by the rules.
//
// Lists come from S3 or, for buckets that are too large to list, from S3 Inventory
// reports.
package compare
