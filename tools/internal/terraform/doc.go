// Package terraform runs HashiCorp's terraform-provider-aws as a child process
// and offers it as a [tfprotov6.ProviderServer], the interface that
// pulumi-terraform-bridge builds Pulumi providers on.
//
// # Parts
//
//   - [Start] starts the process and ends it, see process.go.
//   - [NewServer] speaks protocol 5 to it and translates to protocol 6 (a
//     superset), see server.go, schema.go and values.go.
//   - [Select] cuts its schema, some 1400 types, down to the types that are
//     served: everything behind it gets faster and smaller by that.
//
// # Limits
//
// Only what the bridge calls is translated. Provider functions, ephemeral
// resources and moving state between types are not.
package terraform
