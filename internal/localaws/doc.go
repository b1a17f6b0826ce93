// Package localaws is an AWS on this machine: nobody needs an account to try
// the product, and tests need not mock what can be real.
//
// It has these parts, each in a package of its own:
//
//   - signature: credentials, and the check of signatures
//   - proxy: an HTTPS forward proxy that speaks for all host names of AWS, and
//     for no others, with certificates of a local authority
//   - front: what AWS has and the emulator lacks
//   - actions: the IAM actions that calls to services need
//   - replicator: what S3 does with objects after they were written
//   - alarms: CloudWatch's alarms, evaluated, with their messages to topics
//   - lambda: functions, run as programs of this machine, also on a schedule
//   - bucketevents: the events that S3 sends of objects
//   - messenger: what these and S3 send to topics, queues and functions, if they may
//   - faults: what can be made to fail, for tests and drills
//   - moto: the emulator, a child process
//
// A request to https://bucket.s3.us-west-2.amazonaws.com goes through the
// proxy to the front, which answers it or passes it on to the emulator, host
// name and all. So the same program with the same configuration serves AWS and
// the local AWS; only HTTPS_PROXY, AWS_CA_BUNDLE and the credentials differ.
//
// [Start] runs it all inside this process, for tests. [Launch], [Stop] and
// [Inspect] manage one that runs by itself, with its state in a folder:
//
//	DIR/env                     puts a shell into the local AWS
//	DIR/bin                     programs, first on the PATH of that shell
//	DIR/localaws/ca.pem         the authority, ca-key.pem beside it
//	DIR/localaws/state.json     what runs, with its credentials; gone when nothing does
//	DIR/localaws/moto.sock      the emulator
//	DIR/localaws/control.sock   switches faults, and reports on the emulator
//	DIR/localaws/daemon.lock    held by the daemon as long as it lives
//	DIR/localaws/command.lock   held by start and stop while they work
//	DIR/localaws/daemon.log     what the daemon has to say, moto.log beside it
//	DIR/localaws/port           the proxy's port, kept so that open shells stay valid
//	DIR/localaws/venv           moto, where it had to be installed
//
// Other users of the machine and web pages are kept out: the proxy asks for a
// password, the front checks signatures against credentials that each start makes
// (package signature), the emulator and the control endpoint are Unix sockets
// (package socket), and what is started gets a clean environment (package environ).
//
// The emulator keeps its state in memory. Each start of one has a new instance
// id, in the state file, by which others notice that everything was lost.
package localaws
