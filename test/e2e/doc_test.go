// Package e2e deploys with the real engine and the real AWS provider to a local
// AWS, and looks at what is there through the AWS SDK.
//
// Each test has a local AWS, a Pulumi state and ports of its own, so tests run
// side by side, twice in a row, and leave nothing behind. They need the tools
// that `make build` makes, and take minutes: `make test` runs them, and a plain
// `go test ./...` skips them and says so.
package e2e
