// Package awstypes says which of pulumi-aws's types are served, which type of
// Terraform's AWS provider stands behind each, and where the names of properties
// differ from what the bridge's rules make of them.
//
// # To add a type
//
// Add a line to the table in table.go. Names follow from the bridge's own rules,
// which pulumi-aws is made with too; where pulumi-aws overrides them, say so in
// the line's overrides. The test TestTableMatchesSDK compares every line, nested
// types included, with the Go SDK that the main module pins, and tells what is
// missing.
package awstypes
