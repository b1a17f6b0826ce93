// Package terraform runs HashiCorp's terraform-provider-aws as a child process and
// offers it as a [tfprotov6.ProviderServer], the interface that
// pulumi-terraform-bridge builds Pulumi providers on.
//
// # Parts
//
//   - [Start] starts and ends the process, see process.go.
//   - [NewServer] translates protocol 5 to protocol 6 (a superset), see
//     server.go, schema.go and values.go.
//   - [Select] reduces its schema, some 1400 types, to the served types, which
//     makes everything faster and smaller.
//
// # Limits
//
// Only the calls of the bridge are translated, without provider functions, ephemeral
// resources and moving state between types.
package terraform
