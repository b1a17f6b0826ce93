// Package actions lists the IAM actions that a call to an AWS service needs, and
// the resources it needs them on: CreateTopic with tags needs sns:CreateTopic and
// sns:TagResource on the topic. S3 has its own table in package front.
//
// A call that the tables don't have is needed on "*", as AWS judges the calls
// that have no resources.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
package actions
