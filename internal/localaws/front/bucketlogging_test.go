package front

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	logsToTarget = `<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LoggingEnabled>` +
		`<TargetBucket>logs</TargetBucket><TargetPrefix>access-logs/b/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`
	noLogs = `<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`

	deliversLogs = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},
  "Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/access-logs/*",
  "Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:s3:::b"]},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`
)

func TestLoggingIsKeptWordForWord(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/logs", "")
	l.must("PUT", "/logs?policy", deliversLogs)
	assert.NotContains(t, l.must("GET", "/b?logging", ""), "LoggingEnabled")
	l.must("PUT", "/b?logging", logsToTarget)
	assert.Equal(t, logsToTarget, l.must("GET", "/b?logging", ""))
	l.must("PUT", "/b?logging", noLogs)
	assert.NotContains(t, l.must("GET", "/b?logging", ""), "LoggingEnabled")
}

func TestLogsGoOnlyWhereS3MayDeliverThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ target, policy string }{
		"a bucket that isn't one": {"nobody", ""},
		"no policy":               {"logs", ""},
		"another prefix":          {"logs", strings.Replace(deliversLogs, "/access-logs/*", "/other/*", 1)},
		"another bucket's logs":   {"logs", strings.Replace(deliversLogs, `"arn:aws:s3:::b"`, `"arn:aws:s3:::c"`, 1)},
		"another account's logs":  {"logs", strings.Replace(deliversLogs, "123456789012", "999999999999", 1)},
		"another service's":       {"logs", strings.Replace(deliversLogs, "logging.s3", "s3", 1)},
		"no object may be put":    {"logs", strings.Replace(deliversLogs, "s3:PutObject", "s3:GetObject", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.must("PUT", "/b", "")
			l.must("PUT", "/logs", "")
			if c.policy != "" {
				l.must("PUT", "/logs?policy", c.policy)
			}
			body := strings.Replace(logsToTarget, ">logs<", ">"+c.target+"<", 1)
			l.refused(400, "InvalidTargetBucketForLogging", "", "PUT", "/b?logging", body)
		})
	}
}

func TestLogsStayInTheirRegion(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.must("PUT", "/b", "")
	l.must("PUT", "/logs", "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>")
	l.must("PUT", "/logs?policy", deliversLogs)
	l.refused(403, "CrossLocationLoggingProhibited", "", "PUT", "/b?logging", logsToTarget)
}
