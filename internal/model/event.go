package model

import "strings"

// EventCovers reports whether a type of S3 events, which may end in a wildcard, is
// another one or includes it: "s3:Replication:*" includes
// "s3:Replication:OperationFailedReplication".
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
func EventCovers(event, another string) bool {
	group, wild := strings.CutSuffix(event, "*")
	return event == another || (wild && strings.HasPrefix(another, group))
}
