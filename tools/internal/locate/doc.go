// Package locate finds a terraform-provider-aws binary on this machine.
//
// It looks where Terraform itself looks for providers that were installed
// without a registry, and under the optional-software root. It needs nothing but
// the standard library, so that the installer can ask it before anything is
// built.
package locate
