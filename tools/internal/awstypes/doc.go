// Package awstypes lists the types of pulumi-aws that are served, the types of
// Terraform's AWS provider behind them, and the names of properties that differ from
// the bridge's rules.
//
// # To add a type
//
// Add a line to the table in table.go. Names follow the bridge's rules, with which
// pulumi-aws is also made; if pulumi-aws overrides them, add overrides to the line.
// The test TestTableMatchesSDK compares every line, including nested types, with the
// Go SDK that the main module requires, and reports what is missing.
package awstypes
