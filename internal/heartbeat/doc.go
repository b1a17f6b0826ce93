// Package heartbeat is what the component that deploys a canary and the
// function that it deploys agree on. It imports neither Pulumi nor the AWS SDK.
package heartbeat
