// Package localaws is an AWS on this machine, for trying the product without an
// account, and for tests without mocks.
//
// It has these parts, each in a package of its own:
//
//   - signature: credentials, and the verification of signatures
//   - proxy: an HTTPS forward proxy for all host names of AWS, and for no others,
//     with certificates of a local authority
//   - front: features of AWS that the emulator lacks
//   - actions: the IAM actions that calls to services need
//   - replicator: replication of objects
//   - alarms: CloudWatch alarms, evaluated, with their notifications to topics
//   - lambda: functions, run as programs on this machine, also on a schedule
//   - bucketevents: event notifications of S3
//   - messenger: messages from services to topics, queues and functions, subject to
//     their policies
//   - faults: faults to inject, for tests and drills
//   - moto: the emulator, a child process
//
// A request to https://bucket.s3.us-west-2.amazonaws.com goes through the proxy to
// the front, which handles it or passes it on to the emulator, with its host name.
// So the same program with the same configuration works on AWS and on the local AWS;
// only HTTPS_PROXY, AWS_CA_BUNDLE and the credentials differ.
//
// [Start] runs everything in this process, for tests. [Launch], [Stop] and [Inspect]
// manage a daemon, with its state in a folder:
//
//	DIR/env                     sets up a shell for the local AWS
//	DIR/bin                     programs, first on the PATH of that shell
//	DIR/localaws/ca.pem         the authority, ca-key.pem beside it
//	DIR/localaws/state.json     the running daemon and its credentials
//	DIR/localaws/moto.sock      the emulator
//	DIR/localaws/control.sock   switches faults, and checks the emulator
//	DIR/localaws/daemon.lock    held by the daemon while it runs
//	DIR/localaws/command.lock   held by start and stop
//	DIR/localaws/daemon.log     the daemon's log, moto.log beside it
//	DIR/localaws/port           the proxy's port, kept for open shells
//	DIR/localaws/venv           moto, if it had to be installed
//
// Other users of the machine and web pages have no access: the proxy requires a
// password, the front verifies signatures against credentials that change with each
// start (package signature), the emulator and the control endpoint are Unix sockets
// (package socket), and child processes get a clean environment (package environ).
//
// The emulator keeps its state in memory. Each start of an emulator has a new
// instance id, in the state file, from which other programs detect that all data was
// lost.
package localaws
