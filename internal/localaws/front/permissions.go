package front

import (
	"net/http"
	"strings"
)

// permission is an IAM action on a bucket, an object or a version.
type permission struct {
	action  string
	target  target
	version string
}

// permissions returns everything that a request needs.
func (c *call) permissions() []permission {
	if c.operation.action == "" {
		return nil
	}
	var needed []permission
	for _, action := range append([]string{c.mainAction()}, c.furtherActions()...) {
		needed = append(needed, permission{action, c.target, c.version()})
	}
	return append(needed, c.sourcePermissions()...)
}

func (c *call) mainAction() string {
	if c.version() != "" && c.operation.versionAction != "" {
		return c.operation.versionAction
	}
	return c.operation.action
}

// furtherActions returns the actions that headers of a request require.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func (c *call) furtherActions() []string {
	header := c.request.Header
	var actions []string
	switch c.operation.name {
	case "PutObject", "CopyObject", "CreateMultipartUpload":
		if grantsAccess(header) {
			actions = append(actions, "s3:PutObjectAcl")
		}
		if header.Get("X-Amz-Tagging") != "" {
			actions = append(actions, "s3:PutObjectTagging")
		}
		if header.Get("X-Amz-Object-Lock-Mode") != "" {
			actions = append(actions, "s3:PutObjectRetention")
		}
		if header.Get("X-Amz-Object-Lock-Legal-Hold") != "" {
			actions = append(actions, "s3:PutObjectLegalHold")
		}
	case "CreateBucket":
		if strings.EqualFold(header.Get("X-Amz-Bucket-Object-Lock-Enabled"), "true") {
			actions = append(actions, "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning")
		}
	case "DeleteObject":
		if c.version() != "" && bypassesGovernance(header) {
			actions = append(actions, "s3:BypassGovernanceRetention")
		}
	case "PutObjectRetention":
		if bypassesGovernance(header) {
			actions = append(actions, "s3:BypassGovernanceRetention")
		}
	case "GetObjectAttributes":
		if c.version() == "" {
			return []string{"s3:GetObject"}
		}
		return []string{"s3:GetObjectVersion"}
	}
	return actions
}

// sourcePermissions returns the permissions that a copy needs on its source.
func (c *call) sourcePermissions() []permission {
	header := c.request.Header.Get("X-Amz-Copy-Source")
	if c.operation.name != "CopyObject" && c.operation.name != "UploadPartCopy" {
		return nil
	}
	source, version, ok := parseCopySource(header)
	if !ok {
		return nil
	}
	source.region = c.region
	if version != "" {
		return []permission{{"s3:GetObjectVersion", source, version}}
	}
	return []permission{{"s3:GetObject", source, ""}}
}

func grantsAccess(header http.Header) bool {
	if header.Get("X-Amz-Acl") != "" {
		return true
	}
	for name := range header {
		if strings.HasPrefix(name, "X-Amz-Grant-") {
			return true
		}
	}
	return false
}

func bypassesGovernance(header http.Header) bool {
	return strings.EqualFold(header.Get("X-Amz-Bypass-Governance-Retention"), "true")
}
