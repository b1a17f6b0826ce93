package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// objectFlags describe an object and an event of it.
type objectFlags struct {
	tags, laterTags                           []string
	size, class, tier, encryption, key, event string
	owner, grants                             string
	deleteMarker                              bool
	replica, existing, replicated, locked     bool
}

func (o *objectFlags) register(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&o.tags, "tag", nil, "`key=value` tag set by the upload; repeatable")
	flags.StringArrayVar(&o.laterTags, "tag-later", nil, "`key=value` tag added after the upload; repeatable")
	flags.StringVar(&o.size, "size", "", "`size` of the object: 500, 64KB, 2GB")
	flags.StringVar(&o.class, "storage-class", "", "storage `class` of the source object (default STANDARD)")
	flags.StringVar(&o.tier, "archive-tier", "", "archive `tier` of INTELLIGENT_TIERING: ARCHIVE_ACCESS|DEEP_ARCHIVE_ACCESS")
	flags.StringVar(&o.encryption, "encryption", "", "`type` of encryption: none|AES256|aws:kms|aws:kms:dsse|SSE-C (default: the bucket's)")
	flags.StringVar(&o.key, "kms-key", "", "`arn` of the KMS key of the source object (default: the bucket's)")
	flags.StringVar(&o.event, "event", "", "`event` to explain: "+joined(model.Events)+" (default written)")
	flags.BoolVar(&o.deleteMarker, "delete-marker", false, "the object was deleted; same as --event delete-marker")
	flags.BoolVar(&o.replica, "replica", false, "the object is a replica")
	flags.BoolVar(&o.existing, "existing", false, "the object was written before the rule existed, or while the rule was disabled")
	flags.BoolVar(&o.replicated, "already-replicated", false, "the object was already replicated to another destination")
	flags.BoolVar(&o.locked, "locked", false, "the object has a retention period or a legal hold")
	flags.StringVar(&o.owner, "owner", "", "`account` that owns the object (default: the bucket's)")
	flags.StringVar(&o.grants, "owner-grants", "", "whether --owner grants the bucket owner read access to the object and its ACL: `yes|no`")
	command.MarkFlagsMutuallyExclusive("event", "delete-marker")
}

// object returns the object that the flags describe.
func (o *objectFlags) object(key string) (model.Object, error) {
	if key == "" {
		return model.Object{}, fmt.Errorf("the key is empty; name an object such as finance/q3.pdf")
	}
	object := model.Object{
		Key: key, KMSKey: o.key, Owner: o.owner,
		Replica: o.replica, Existing: o.existing, AlreadyReplicated: o.replicated, Locked: o.locked,
	}
	var errs [8]error
	object.OwnerGrants, errs[7] = o.ownerGrants()
	object.Tags, errs[0] = parseTags("--tag", o.tags)
	object.TagsAddedLater, errs[1] = parseTags("--tag-later", o.laterTags)
	object.Size, errs[2] = parseSize(o.size)
	object.StorageClass, errs[3] = oneOf("--storage-class", o.class, replication.StorageClasses)
	object.ArchiveTier, errs[4] = oneOf("--archive-tier", o.tier, []model.ArchiveTier{model.ArchiveAccess, model.DeepArchiveAccess})
	object.Encryption, errs[5] = oneOf("--encryption", o.encryption, model.ObjectEncryptions)
	object.Event, errs[6] = oneOf("--event", o.event, model.Events)
	for _, err := range errs {
		if err != nil {
			return model.Object{}, err
		}
	}
	if o.deleteMarker {
		object.Event = model.DeleteMarkerMade
	}
	if object.KMSKey != "" && object.Encryption == "" {
		object.Encryption = model.SSEKMS
	}
	return object, nil
}

func (o *objectFlags) ownerGrants() (model.Fact, error) {
	switch {
	case o.grants == "":
		return model.Unknown, nil
	case o.owner == "":
		return model.Unknown, errors.New("--owner-grants requires --owner")
	}
	answer, err := oneOf("--owner-grants", o.grants, []string{"yes", "no"})
	return model.FactOf(answer == "yes"), err
}

func parseTags(flag string, texts []string) (map[string]string, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	tags := map[string]string{}
	for _, text := range texts {
		key, value, has := strings.Cut(text, "=")
		if !has || key == "" {
			return nil, fmt.Errorf("%s %q is not a tag; write key=value", flag, text)
		}
		tags[key] = value
	}
	return tags, nil
}

// units of sizes, the longer names first.
var units = []struct {
	name  string
	bytes int64
}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"B", 1}, {"", 1}}

func parseSize(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for _, unit := range units {
		digits, has := strings.CutSuffix(strings.ToUpper(text), unit.name)
		if !has {
			continue
		}
		number, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 32)
		if err == nil && number >= 0 {
			return number * unit.bytes, nil
		}
		if unit.name == "" {
			if number, err := strconv.ParseInt(digits, 10, 64); err == nil && number >= 0 {
				return number, nil
			}
		}
	}
	return 0, fmt.Errorf("--size %q is not a size; write bytes, or a number with KB, MB, GB or TB", text)
}

// oneOf returns the value equal to text, ignoring case. It returns "" for "".
func oneOf[T ~string](flag, text string, values []T) (T, error) {
	if text == "" {
		return "", nil
	}
	at := slices.IndexFunc(values, func(value T) bool { return strings.EqualFold(string(value), text) })
	if at < 0 {
		return "", fmt.Errorf("%s %q is not known; use one of %s", flag, text, joined(values))
	}
	return values[at], nil
}

func joined[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, "|")
}
