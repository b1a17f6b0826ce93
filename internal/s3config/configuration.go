// Package s3config reads and checks the replication configuration of a bucket: the
// document of PutBucketReplication and GetBucketReplication, in XML and in the JSON of
// the AWS CLI. [Configuration.Check] returns the errors that S3 finds in the document
// alone, with S3's error codes.
package s3config

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Configuration is the replication configuration of a bucket, as S3 keeps it.
// Its JSON is that of `aws s3api get-bucket-replication`, below
// ReplicationConfiguration.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationConfiguration.html
type Configuration struct {
	XMLName xml.Name `xml:"ReplicationConfiguration" json:"-"`
	Role    string   `xml:"Role" json:"Role"`
	Rules   []Rule   `xml:"Rule" json:"Rules"`
}

// Rule is a rule in S3's own form. A rule without a Filter is of
// the first version of the schema, V1, which knows only Prefix.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html
type Rule struct {
	ID                        string                   `xml:"ID,omitempty" json:"ID,omitempty"`
	Priority                  *int                     `xml:"Priority,omitempty" json:"Priority,omitempty"`
	Prefix                    *string                  `xml:"Prefix,omitempty" json:"Prefix,omitempty"`
	Filter                    *Filter                  `xml:"Filter,omitempty" json:"Filter,omitempty"`
	Status                    replication.Status       `xml:"Status" json:"Status"`
	SourceSelectionCriteria   *SourceSelectionCriteria `xml:"SourceSelectionCriteria,omitempty" json:"SourceSelectionCriteria,omitempty"`
	ExistingObjectReplication *Switch                  `xml:"ExistingObjectReplication,omitempty" json:"ExistingObjectReplication,omitempty"`
	Destination               Destination              `xml:"Destination" json:"Destination"`
	DeleteMarkerReplication   *Switch                  `xml:"DeleteMarkerReplication,omitempty" json:"DeleteMarkerReplication,omitempty"`
}

// Filter picks the objects of a rule: exactly one of its fields, or none for
// all objects.
type Filter struct {
	Prefix *string `xml:"Prefix,omitempty" json:"Prefix,omitempty"`
	Tag    *Tag    `xml:"Tag,omitempty" json:"Tag,omitempty"`
	And    *And    `xml:"And,omitempty" json:"And,omitempty"`
}

// And joins a prefix and tags, or several tags.
type And struct {
	Prefix *string `xml:"Prefix,omitempty" json:"Prefix,omitempty"`
	Tags   []Tag   `xml:"Tag,omitempty" json:"Tags,omitempty"`
}

// Tag of an object.
type Tag struct {
	Key   string `xml:"Key" json:"Key"`
	Value string `xml:"Value" json:"Value"`
}

// Switch is an element that holds nothing but a status.
type Switch struct {
	Status replication.Status `xml:"Status" json:"Status"`
}

// SourceSelectionCriteria opts further objects in: those encrypted with KMS,
// and changes of replicas.
type SourceSelectionCriteria struct {
	SseKmsEncryptedObjects *Switch `xml:"SseKmsEncryptedObjects,omitempty" json:"SseKmsEncryptedObjects,omitempty"`
	ReplicaModifications   *Switch `xml:"ReplicaModifications,omitempty" json:"ReplicaModifications,omitempty"`
}

// Destination is where a rule replicates to, and how.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html
type Destination struct {
	Bucket                   string                    `xml:"Bucket" json:"Bucket"`
	Account                  string                    `xml:"Account,omitempty" json:"Account,omitempty"`
	StorageClass             replication.StorageClass  `xml:"StorageClass,omitempty" json:"StorageClass,omitempty"`
	AccessControlTranslation *AccessControlTranslation `xml:"AccessControlTranslation,omitempty" json:"AccessControlTranslation,omitempty"`
	EncryptionConfiguration  *EncryptionConfiguration  `xml:"EncryptionConfiguration,omitempty" json:"EncryptionConfiguration,omitempty"`
	ReplicationTime          *ReplicationTime          `xml:"ReplicationTime,omitempty" json:"ReplicationTime,omitempty"`
	Metrics                  *Metrics                  `xml:"Metrics,omitempty" json:"Metrics,omitempty"`
}

// AccessControlTranslation gives the replicas to the destination's owner.
type AccessControlTranslation struct {
	Owner string `xml:"Owner" json:"Owner"`
}

// EncryptionConfiguration names the key of the replicas.
type EncryptionConfiguration struct {
	ReplicaKmsKeyID string `xml:"ReplicaKmsKeyID,omitempty" json:"ReplicaKmsKeyID,omitempty"`
}

// ReplicationTime is replication time control.
type ReplicationTime struct {
	Status replication.Status `xml:"Status" json:"Status"`
	Time   Minutes            `xml:"Time" json:"Time"`
}

// Metrics are the replication metrics of a rule, with the threshold after
// which S3 sends an event under replication time control.
type Metrics struct {
	Status         replication.Status `xml:"Status" json:"Status"`
	EventThreshold *Minutes           `xml:"EventThreshold,omitempty" json:"EventThreshold,omitempty"`
}

// Minutes is a time. S3 accepts only [ReplicationTimeMinutes].
type Minutes struct {
	Minutes int `xml:"Minutes" json:"Minutes"`
}

// ReplicationTimeMinutes is the one time that replication time control knows.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
const ReplicationTimeMinutes = 15

// ParseXML reads the body of a PutBucketReplication request. It
// does not judge the content: see [Configuration.Check].
func ParseXML(data []byte) (Configuration, error) {
	var configuration Configuration
	decoder := xml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&configuration); err != nil {
		return Configuration{}, fmt.Errorf("reading a replication configuration: %w", err)
	}
	if err := endOfXML(decoder); err != nil {
		return Configuration{}, fmt.Errorf("reading a replication configuration: %w", err)
	}
	return configuration, nil
}

// endOfXML allows what may follow the root element: white space, comments and
// processing instructions.
func endOfXML(decoder *xml.Decoder) error {
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.Comment, xml.ProcInst:
		case xml.CharData:
			if len(bytes.TrimSpace(token)) > 0 {
				return errors.New("something follows the document")
			}
		default:
			return errors.New("something follows the document")
		}
	}
}

// ReplicatesMarkers reports whether the rule replicates delete markers of users.
func (r *Rule) ReplicatesMarkers() bool {
	return r.FirstSchema() || r.DeleteMarkerReplication.on()
}

// SyncsReplicas reports whether the rule replicates changes that are made to the
// metadata of replicas.
func (r *Rule) SyncsReplicas() bool {
	return r.SourceSelectionCriteria != nil && r.SourceSelectionCriteria.ReplicaModifications.on()
}

// SelectsKMS reports whether the rule replicates objects that are encrypted with
// KMS keys.
func (r *Rule) SelectsKMS() bool {
	return r.SourceSelectionCriteria != nil && r.SourceSelectionCriteria.SseKmsEncryptedObjects.on()
}

// ReplicaKey returns the KMS key that the rule names for replicas, or "".
func (r *Rule) ReplicaKey() string {
	if r.Destination.EncryptionConfiguration == nil {
		return ""
	}
	return r.Destination.EncryptionConfiguration.ReplicaKmsKeyID
}

// Selection returns the prefix and the tags of a rule, from whichever form of
// filter it has. Of several prefixes at once, which S3 refuses, the longest counts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
func (r *Rule) Selection() (prefix string, tags []Tag) {
	prefixes := []*string{r.Prefix}
	if filter := r.Filter; filter != nil {
		prefixes = append(prefixes, filter.Prefix)
		if filter.Tag != nil {
			tags = append(tags, *filter.Tag)
		}
		if filter.And != nil {
			prefixes = append(prefixes, filter.And.Prefix)
			tags = append(tags, filter.And.Tags...)
		}
	}
	for _, each := range prefixes {
		if each != nil && len(*each) > len(prefix) {
			prefix = *each
		}
	}
	return prefix, tags
}

// FirstSchema reports whether the rule is of the first version of the schema.
func (r *Rule) FirstSchema() bool { return r.Filter == nil }

// Outcome returns everything that a rule says about what it does, as a text to
// compare.
func (r *Rule) Outcome() string {
	timed := r.Destination.ReplicationTime != nil && r.Destination.ReplicationTime.Status == replication.Enabled
	return strings.Join([]string{
		string(r.Destination.StorageClass), r.ReplicaKey(), string(replication.StatusOf(timed)), string(replication.StatusOf(r.HasMetrics())),
		string(replication.StatusOf(r.ReplicatesMarkers())), string(replication.StatusOf(r.SelectsKMS())), string(replication.StatusOf(r.SyncsReplicas())),
		string(replication.StatusOf(r.Destination.AccessControlTranslation != nil)),
	}, "\x00")
}

// HasMetrics reports whether the rule switches on replication metrics.
func (r *Rule) HasMetrics() bool {
	return r.Destination.Metrics != nil && r.Destination.Metrics.Status == replication.Enabled
}
