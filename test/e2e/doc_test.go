// Package e2e deploys with the real engine and the real AWS provider to a local AWS,
// and checks the result through the AWS SDK.
//
// Each test has its own local AWS, Pulumi state and ports, so tests can run in
// parallel and repeatedly, and leave nothing behind. They need the tools built by
// `make build`, and take minutes: `make test` runs them, and a plain `go test ./...`
// skips them with a message.
package e2e
