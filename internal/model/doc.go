// Package model decides what S3 replicates, which permissions that takes, and what is
// wrong with a configuration.
//
// It is pure: no Pulumi, no AWS SDK, no network. The Pulumi components use it at
// preview, the command line uses it offline and on live settings, and the local AWS
// uses it when a client calls S3, so the three cannot disagree.
//
// # Permissions
//
// [RolePolicy], [TrustPolicy] and [DestinationStatements] return the permissions
// that replication needs and no others. [Checks] are calls that must be allowed or
// denied: every call of S3 is allowed, clients keep working, and all other calls
// are denied. [Documents.Prove] evaluates the checks.
//
// # Explanations
//
// An [Explainer] reports whether an object replicates, to which destinations,
// under which rules and as what, and if not, why. [Lint] reports valid but risky
// settings. [FailureByID] describes S3's failure reasons. Unknown facts are listed
// as assumptions and never count as ok.
package model
