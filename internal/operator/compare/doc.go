// Package compare tells whether both sides of a replication hold the same.
//
// Two sorted lists, that of the source and that of a destination, are read side
// by side, so that memory does not grow with the buckets. Key ranges are worked
// on at once, and a range that turns out long is split while it is read. What
// the lists do not agree on is looked into one by one: only the object itself
// tells whether it is still on its way, has failed, or was never meant to be
// replicated.
//
// Lists come from S3 or, for buckets that are too large to be listed, from the
// reports of S3 Inventory.
package compare
