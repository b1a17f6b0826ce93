// Package pulumitest runs Pulumi programs against mocks that record every
// resource. It shows what a program registers, in milliseconds. It does not
// show what the engine or AWS would make of that: test/e2e does.
package pulumitest
