// Package replicator replicates objects as S3 does: after the fact, by the
// rules of the source bucket, in the name of their role, or not at all and for
// a reason.
//
// The front tells the [Engine] what happens to objects ([Engine.Happened]),
// which takes no time: whether anything is to be done follows from the
// replication configuration alone. What is to be done waits for the delay, in
// a line for each key and destination, so that changes of one object arrive in
// the order in which they were made. Workers then look at how everything
// stands by then (buckets, keys, the role and all policies, see view.go), let
// pkg/replication decide, and do in the emulator what S3 would do.
//
// What fails for good gets the status FAILED and one of S3's failure reasons.
// What cannot be done now, because the emulator or a region does not answer,
// stays PENDING and is tried again for as long as the engine lives.
//
// # What the emulator lacks
//
// It makes up version ids by itself, so a replica has another one there than
// its source has. The engine keeps both (see versions.go) and the front
// translates: clients see one version id on both sides, as on S3. It does the same
// to the times of last modification (see originals.go), but not of delete markers,
// and conditions such as If-Modified-Since go by the emulator's. ACLs can be put on
// the newest version only.
package replicator
