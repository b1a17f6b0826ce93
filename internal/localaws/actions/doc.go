// Package actions lists the IAM actions that calls to AWS services require, and the
// resources they require them on: CreateTopic with tags requires sns:CreateTopic and
// sns:TagResource on the topic. Package front has the table for S3.
//
// A call that is in no table requires its action on "*", as AWS does for calls
// without resource-level permissions.
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
package actions
