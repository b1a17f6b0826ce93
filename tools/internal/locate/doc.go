// Package locate finds a terraform-provider-aws binary on this machine.
//
// It searches the folders where Terraform finds providers without a registry, and
// the optional-software root. It needs only the standard library, so that the
// installer can use it before anything is built.
package locate
