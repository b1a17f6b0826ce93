package front

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

func (f *Front) getBucketReplication(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	kept := f.buckets.get(c.bucket).replication
	if kept == nil {
		return notFound("ReplicationConfigurationNotFoundError", "The replication configuration was not found")
	}
	identify(w)
	writeBody(w, http.StatusOK, "application/xml", kept.text)
	return nil
}

func (f *Front) deleteBucketReplication(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.replication = nil })
	identify(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// putBucketReplication stores a configuration that S3 would accept.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
func (f *Front) putBucketReplication(w http.ResponseWriter, c *call) error {
	if err := f.mustExist(c, c.bucket); err != nil {
		return err
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	configuration, err := s3config.ParseXML(body)
	if err != nil {
		return errMalformedXML
	}
	if faults := configuration.Check(); len(faults) > 0 {
		return badRequest(faults[0].Code, "%s", faults[0].Message)
	}
	if err := f.checkVersioning(c, configuration); err != nil {
		return err
	}
	kept, err := asKept(body, configuration)
	if err != nil {
		return err
	}
	f.buckets.update(c.bucket, func(b *bucket) { b.replication = &bucketReplication{text: kept, configuration: configuration} })
	identify(w)
	w.WriteHeader(http.StatusOK)
	return nil
}

// checkVersioning rejects a configuration for buckets without versioning. S3 uses
// the same message for destinations that do not exist.
func (f *Front) checkVersioning(c *call, configuration s3config.Configuration) error {
	source, err := f.versioning(c, c.bucket)
	if err != nil {
		return err
	}
	if source != enabled {
		return badRequest("InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration")
	}
	for _, rule := range configuration.Rules {
		arn := rule.Destination.Bucket
		destination, err := f.versioning(c, arn[strings.LastIndex(arn, ":")+1:])
		if err != nil && !errors.Is(err, errNoSuchBucket) {
			return err
		}
		if destination != enabled {
			return badRequest("InvalidRequest", "Destination bucket must have versioning enabled.")
		}
	}
	return nil
}

// asKept returns a configuration as S3 returns it: the text of the request, with
// S3's namespace and generated ids for rules without one.
func asKept(body []byte, configuration s3config.Configuration) ([]byte, error) {
	complete := true
	for i := range configuration.Rules {
		if configuration.Rules[i].ID == "" {
			complete = false
			configuration.Rules[i].ID = rand.Text()
		}
	}
	if complete && configuration.XMLName.Space == s3Namespace {
		return body, nil
	}
	var document bytes.Buffer
	document.WriteString(xml.Header)
	root := xml.StartElement{Name: xml.Name{Space: s3Namespace, Local: configuration.XMLName.Local}}
	if err := xml.NewEncoder(&document).EncodeElement(configuration, root); err != nil {
		return nil, fmt.Errorf("writing the replication configuration: %w", err)
	}
	return document.Bytes(), nil
}
