// Package replicator replicates objects as S3 does: asynchronously, by the rules of
// the source bucket, with the permissions of their role, and with a failure reason
// if it fails.
//
// The front passes events of objects to the [Engine] ([Engine.HandleEvent]), which
// does not block: the replication configuration alone determines whether there is
// anything to do. Tasks wait for the delay in a queue for each key and destination,
// so that changes of one object arrive in order. Workers then take a snapshot of
// everything that matters (buckets, keys, the role and all policies, see
// snapshots.go), let pkg/replication decide, and do in the emulator what S3 would
// do.
//
// Permanent failures result in the status FAILED and one of S3's failure reasons.
// Temporary ones, such as an emulator or a region that does not respond, leave the
// status PENDING and are retried while the engine runs.
//
// # Limits of the emulator
//
// The emulator generates version ids, so a replica has another id than its source.
// The engine keeps both (see versions.go) and the front translates: clients see the
// same version id on both sides, as on S3. Modification times are translated as well
// (see sourcetimes.go), except those of delete markers, and conditions such as
// If-Modified-Since use the emulator's. ACLs can be set on the newest version only.
package replicator
