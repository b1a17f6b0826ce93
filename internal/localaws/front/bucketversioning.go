package front

import (
	"encoding/xml"
	"fmt"
	"net/http"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
)

const enabled = "Enabled"

// putBucketVersioning rejects suspending versioning while replication needs it.
func (f *Front) putBucketVersioning(w http.ResponseWriter, c *call) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var wanted struct {
		Status string
	}
	if err := xml.Unmarshal(body, &wanted); err != nil {
		return errMalformedXML
	}
	switch wanted.Status {
	case enabled, "Suspended":
	case "":
		return badRequest("IllegalVersioningConfigurationException", "The Versioning element must be specified")
	default:
		return errMalformedXML
	}
	if wanted.Status != enabled && f.buckets.get(c.bucket).replication != nil {
		return &fault{
			http.StatusConflict, "InvalidBucketState",
			"A replication configuration is present on this bucket, so you cannot change the versioning state. " +
				"To change the versioning state, first delete the replication configuration.",
		}
	}
	if wanted.Status != enabled {
		locks, err := f.locks(c)
		if err != nil {
			return err
		}
		if locks {
			return &fault{
				http.StatusConflict, "InvalidBucketState",
				"An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
			}
		}
	}
	f.passOn(w, c, nil)
	return nil
}

// versioning returns the versioning state of a bucket: "Enabled", "Suspended" or "".
func (f *Front) versioning(c *call, name string) (string, error) {
	body, err := f.askBucket(c, name, "versioning")
	if err != nil {
		return "", err
	}
	var state struct {
		Status string
	}
	if err := xml.Unmarshal(body, &state); err != nil {
		return "", fmt.Errorf("reading the versioning state of %s: %w", name, err)
	}
	return state.Status, nil
}

// mustExist returns errNoSuchBucket if there is no such bucket.
func (f *Front) mustExist(c *call, name string) error {
	_, err := f.askBucket(c, name, "versioning")
	return err
}

// askBucket reads a sub-resource of a bucket from the emulator.
func (f *Front) askBucket(c *call, name, subresource string) ([]byte, error) {
	status, body, err := f.backend.ask(c.request.Context(), emulator.Question{
		Method: http.MethodGet, Host: "s3.amazonaws.com", Path: "/" + name, Query: subresource,
		Service: "s3", Region: c.regionOrDefault(), AccessKey: f.actingKey(c),
	})
	if err != nil {
		return nil, err
	}
	var answer errorDocument
	if status >= http.StatusBadRequest && xml.Unmarshal(body, &answer) == nil && answer.Code == errNoSuchBucket.code {
		return nil, errNoSuchBucket
	}
	if status != http.StatusOK {
		return nil, &fault{status, answer.Code, answer.Message}
	}
	return body, nil
}
