// Package serve is the Pulumi resource provider: pulumi-terraform-bridge translates
// between Pulumi and Terraform, and this package adds what it lacks.
//
//   - Unknown properties and types are errors; the bridge ignores unknown
//     properties (strict.go).
//   - A resource whose creation failed after it was made is kept in the state with
//     its errors; the bridge loses it and leaves it behind in AWS (provider.go,
//     operation.go).
//   - All errors of a call are reported, not only the first; warnings reach the
//     user (diagnostics.go).
//   - Custom timeouts reach the provider (timeout.go).
//   - Archives, such as a Lambda function's code, become files for Terraform
//     (archive.go).
//   - The provider process starts in the background, so that the engine gets its
//     port at once. If the start fails, the first call returns the error, and the
//     plugin does not die (backend.go).
package serve
