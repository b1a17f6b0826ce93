// Package access holds one table of what AWS must allow for each task: deploying,
// and the commands that look at a deployment. It makes identity policies of the
// table for a topology, as tight as the names of its resources allow.
//
// The same table makes the policies that `crr policy --for` prints, the page
// docs/permissions.md, and the rights that the end-to-end tests run with. It is
// pure Go: no Pulumi, no AWS SDK.
package access
