// Package stacks turns the configuration of a Pulumi stack into components of
// pkg/crr. It is the one place that knows stack configuration: the components
// know nothing of it, and environments differ in their configuration files
// only.
package stacks
