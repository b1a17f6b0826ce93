// Package dashboard makes the bodies of CloudWatch dashboards that show how
// replication is doing: which widgets there are, which metric of which region
// and account each has, and where each is placed. It makes no calls.
//
// [Detail] shows everything about a replicated bucket, [Overview] the state of
// many. Both are made of [replication.Descriptor]s, so they show what was
// deployed and nothing else.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
package dashboard
