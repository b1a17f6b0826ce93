// Package heartbeat has the configuration, metric and keys shared by the component that
// deploys a canary and the canary's function. It imports neither Pulumi nor the AWS SDK.
package heartbeat
