// Package serve is the Pulumi resource provider: pulumi-terraform-bridge does the
// translation between Pulumi and Terraform, and this package adds what it lacks.
//
//   - A property or type that is not known is an error; the bridge drops
//     properties that it does not know (strict.go).
//   - A resource that was made but failed afterwards is kept in the state with its
//     errors; the bridge forgets it and leaves it behind in AWS (provider.go,
//     operation.go).
//   - All errors of a call are told, not the first; warnings reach the user
//     (diagnostics.go).
//   - Custom timeouts reach the provider (timeout.go).
//   - Archives, as a Lambda function's code, become files for Terraform
//     (archive.go).
//   - The provider process starts in the background, so that the engine gets its
//     port at once, and why it could not start is told as an error of the first
//     call instead of as a plugin that died (backend.go).
package serve
