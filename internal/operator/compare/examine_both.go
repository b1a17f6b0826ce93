package compare

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// both compares a version that both buckets have.
func (j *judge) both(ctx context.Context, source, destination *Version) (examined, error) {
	here, err := j.source.Head(ctx, source.Key, source.ID)
	if err != nil {
		return examined{}, err
	}
	there, err := j.destination.Head(ctx, destination.Key, destination.ID)
	if err != nil {
		return examined{}, err
	}
	if !here.Found || here.Marker {
		return examined{reason: goneSince}, nil
	}
	if !there.Found || there.Marker {
		return j.missing(ctx, source)
	}
	differences := j.differences(here, there)
	if j.current && here.Version != there.Version {
		differences = append(differences, Difference{"versionId", here.Version, there.Version})
	}
	more, err := j.differencesByRules(ctx, source, here, there)
	if err != nil {
		return examined{}, err
	}
	differences = append(differences, more...)
	if len(differences) > 0 {
		reason, err := j.whyDifferent(ctx, source.Key, here, differences)
		return examined{reason, differences, here}, err
	}
	if unproven(here, there) {
		if here.ChecksumRefused || there.ChecksumRefused {
			return examined{}, errChecksumRefused
		}
		return examined{reason: etagNotComparable}, nil
	}
	return examined{reason: alike}, nil
}

// whyDifferent returns the reason of a difference. Versions that are matched only by
// key may be unrelated.
func (j *judge) whyDifferent(ctx context.Context, key string, here Attributes, differences []Difference) (Reason, error) {
	if j.current {
		object, err := j.object(ctx, key, here)
		if err != nil {
			return "", err
		}
		if reason, out := j.rules.leftOut(object); out {
			return reason, nil
		}
	}
	switch here.Status {
	case statusPending:
		return onItsWay, nil
	case statusFailed:
		return replicationFailed, nil
	default:
		if len(differences) == 1 && differences[0].Attribute == encryptionKey {
			return replicaKeyDiffers, nil
		}
		return attributesDiffer, nil
	}
}

// differencesByRules returns the differences that depend on the rules or need further
// calls: storage class and tags.
func (j *judge) differencesByRules(ctx context.Context, version *Version, here, there Attributes) ([]Difference, error) {
	wrongClass := !j.rules.fits(version, &Version{Class: there.Class})
	tagged := j.attributes && here.TagCount+there.TagCount > 0
	encrypted := j.attributes && here.Key != ""
	if !wrongClass && !tagged && !encrypted {
		return nil, nil
	}
	var found []Difference
	object, err := j.object(ctx, version.Key, here)
	if err != nil {
		return nil, err
	}
	if asked := j.rules.class(object); !classFits(asked, replication.StorageClass(there.Class)) {
		found = append(found, Difference{"storageClass", string(asked), orStandard(there.Class)})
	}
	if asked := j.rules.key(object); encrypted && strings.Contains(asked, ":key/") && asked != there.Key {
		found = append(found, Difference{encryptionKey, asked, orNone(there.Key)})
	}
	if !tagged {
		return found, nil
	}
	tagsHere, err := j.tags(ctx, j.source, version.Key, here)
	if err != nil {
		return nil, err
	}
	tagsThere, err := j.tags(ctx, j.destination, version.Key, there)
	if err == nil && !maps.Equal(tagsHere, tagsThere) {
		found = append(found, Difference{"tags", text(tagsHere), text(tagsThere)})
	}
	return found, err
}

// object describes a version for the model.
func (j *judge) object(ctx context.Context, key string, found Attributes) (model.Object, error) {
	object := model.Object{
		Key: key, Size: found.Size, StorageClass: replication.StorageClass(found.Class), KMSKey: found.Key,
		Encryption: model.ObjectEncryption(found.Encryption), Replica: found.Status == statusReplica,
	}
	if !j.rules.asksForTags(key) {
		return object, nil
	}
	var err error
	object.Tags, err = j.tags(ctx, j.source, key, found)
	return object, err
}

// tags reads the tags of a version, if it has any.
func (j *judge) tags(ctx context.Context, bucket Bucket, key string, found Attributes) (map[string]string, error) {
	if found.TagCount == 0 {
		return nil, nil
	}
	return bucket.Tags(ctx, key, found.Version)
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func orStandard(class string) string {
	if class == "" {
		return "STANDARD"
	}
	return class
}

// text formats names and values.
func text(values map[string]string) string {
	if len(values) == 0 {
		return "none"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parts = append(parts, fmt.Sprintf("%s=%s", name, values[name]))
	}
	return strings.Join(parts, " ")
}
