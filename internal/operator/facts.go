package operator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/document"
	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// KnownFacts are facts that no configuration and no policy has, and the answers
// depend on.
type KnownFacts struct {
	// File with them. Optional.
	File string
	// SourceKey is the ARN of the key that the source bucket encrypts with. Optional.
	SourceKey string
}

// factsFile is the file with facts, in YAML or JSON.
type factsFile struct {
	// Buckets by their name, or by that of the destination.
	Buckets map[string]bucketFacts `yaml:"buckets"`
	// Keys of KMS by ARN, with their state.
	Keys map[string]model.KeyState `yaml:"keys"`
	// Alarms on the replication metrics.
	Alarms []alarmFacts `yaml:"alarms"`
	// Notifies reports whether any alarm sends notifications.
	Notifies *bool `yaml:"notifies"`
}

type bucketFacts struct {
	Region         string                 `yaml:"region"`
	Account        string                 `yaml:"account"`
	Versioning     model.VersioningState  `yaml:"versioning"`
	Ownership      model.ObjectOwnership  `yaml:"ownership"`
	ObjectLock     *bool                  `yaml:"objectLock"`
	Encryption     model.ObjectEncryption `yaml:"encryption"`
	Key            string                 `yaml:"key"`
	BucketKey      *bool                  `yaml:"bucketKey"`
	BlocksSSEC     *bool                  `yaml:"blocksSSEC"`
	RequesterPays  *bool                  `yaml:"requesterPays"`
	SyncsReplicas  *bool                  `yaml:"syncsReplicas"`
	HadObjects     *bool                  `yaml:"hadObjects"`
	NoncurrentDays int                    `yaml:"noncurrentDays"`
}

type alarmFacts struct {
	Name       string   `yaml:"name"`
	Metric     string   `yaml:"metric"`
	Region     string   `yaml:"region"`
	Statistic  string   `yaml:"statistic"`
	Dimensions []string `yaml:"dimensions"`
	Rule       string   `yaml:"rule"`
}

// AddFacts adds what is known besides to the facts of the subjects, in place of
// what they had.
func AddFacts(subjects []model.Subject, known KnownFacts) error {
	if known.SourceKey != "" {
		if err := addSourceKey(subjects, known.SourceKey); err != nil {
			return err
		}
	}
	if known.File == "" {
		return nil
	}
	file, err := readFacts(known.File)
	if err != nil {
		return fmt.Errorf("--facts %s: %w", known.File, err)
	}
	for _, name := range slices.Sorted(maps.Keys(file.Buckets)) {
		facts, used := file.Buckets[name], false
		for i := range subjects {
			eachBucket(&subjects[i], func(bucket *model.BucketFacts) {
				if name == bucket.Bucket || name == bucket.Name {
					used = true
					facts.addTo(bucket)
				}
			})
		}
		if !used {
			return fmt.Errorf("--facts %s: there is no bucket %q in the replication%s", known.File, name, unusedHint[document.BucketPolicy])
		}
	}
	for i := range subjects {
		addKeyStates(&subjects[i], file.Keys)
		if file.Alarms != nil {
			subjects[i].Monitoring = file.monitoring()
		}
	}
	return nil
}

func addSourceKey(subjects []model.Subject, key string) error {
	if len(subjects) > 1 {
		return errors.New("--source-key is for one source bucket; with several, give the keys in a --facts file")
	}
	if err := awsid.CheckKMSKeyARN(key, awsid.RegionOf(key)); err != nil {
		return fmt.Errorf("--source-key: %w", err)
	}
	source := &subjects[0].Facts.Source
	source.DefaultKey = key
	if source.DefaultEncryption == "" || source.DefaultEncryption == model.SSES3 {
		source.DefaultEncryption = model.SSEKMS
	}
	return nil
}

func readFacts(name string) (factsFile, error) {
	data, err := input.File(name)
	if err != nil {
		return factsFile{}, err
	}
	if err := input.DecodeYAML(data, new(yaml.Node)); err != nil {
		return factsFile{}, fmt.Errorf("it is not a file of facts: %w", err)
	}
	var file factsFile
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return factsFile{}, fmt.Errorf("it is not a file of facts: %w", err)
	}
	return file, file.check()
}

// keyStates are those of KMS, and that there is no such key.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
var keyStates = []model.KeyState{
	model.KeyEnabled, model.KeyDisabled, model.KeyPendingDeletion, model.KeyNotFound,
	"Creating", "PendingImport", "PendingReplicaDeletion", "Unavailable", "Updating",
}

// check names every value that is not known.
func (f factsFile) check() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(f.Buckets)) {
		b := f.Buckets[name]
		path := "buckets." + name + "."
		errs = append(errs,
			checkOneOf(path+"versioning", b.Versioning, model.VersioningEnabled, model.VersioningSuspended, model.VersioningNever),
			checkOneOf(path+"ownership", b.Ownership, model.BucketOwnerEnforced, model.BucketOwnerPreferred, model.ObjectWriter),
			checkOneOf(path+"encryption", b.Encryption, model.Unencrypted, model.SSES3, model.SSEKMS, model.DSSEKMS))
		if b.Account != "" && (len(b.Account) != 12 || strings.Trim(b.Account, "0123456789") != "") {
			errs = append(errs, fmt.Errorf("%saccount: %q is not the number of an account, which has 12 digits in quotes", path, b.Account))
		}
		if b.NoncurrentDays < 0 {
			errs = append(errs, fmt.Errorf("%snoncurrentDays: %d is less than 0", path, b.NoncurrentDays))
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(f.Keys)) {
		errs = append(errs, checkOneOf("keys."+arn, cmp.Or(f.Keys[arn], "null"), keyStates...))
	}
	return errors.Join(errs...)
}

func checkOneOf[T ~string](path string, value T, known ...T) error {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	var texts []string
	for _, each := range known {
		texts = append(texts, string(each))
	}
	return fmt.Errorf("%s: %q is not known; use one of %s", path, value, strings.Join(texts, ", "))
}

func (b bucketFacts) addTo(bucket *model.BucketFacts) {
	bucket.Region, bucket.Account = cmp.Or(b.Region, bucket.Region), cmp.Or(b.Account, bucket.Account)
	bucket.Versioning, bucket.Ownership = cmp.Or(b.Versioning, bucket.Versioning), cmp.Or(b.Ownership, bucket.Ownership)
	bucket.DefaultEncryption, bucket.DefaultKey = cmp.Or(b.Encryption, bucket.DefaultEncryption), cmp.Or(b.Key, bucket.DefaultKey)
	bucket.NoncurrentDays = cmp.Or(b.NoncurrentDays, bucket.NoncurrentDays)
	for _, each := range []struct {
		known *bool
		fact  *model.Fact
	}{
		{b.ObjectLock, &bucket.ObjectLock},
		{b.BucketKey, &bucket.BucketKey},
		{b.BlocksSSEC, &bucket.BlocksSSEC},
		{b.RequesterPays, &bucket.RequesterPays},
		{b.SyncsReplicas, &bucket.SyncsReplicas},
		{b.HadObjects, &bucket.HadObjects},
	} {
		if each.known != nil {
			*each.fact = model.FactOf(*each.known)
		}
	}
}

func addKeyStates(subject *model.Subject, states map[string]model.KeyState) {
	eachBucket(subject, func(facts *model.BucketFacts) {
		for arn, state := range states {
			setKey(facts, arn, func(key *model.KeyFacts) { key.State = state })
		}
	})
}

// setKey changes what is known of a key.
func setKey(facts *model.BucketFacts, arn string, change func(*model.KeyFacts)) {
	if facts.Keys == nil {
		facts.Keys = map[string]model.KeyFacts{}
	}
	key := facts.Keys[arn]
	change(&key)
	facts.Keys[arn] = key
}

func (f factsFile) monitoring() *model.Monitoring {
	monitoring := &model.Monitoring{Requested: len(f.Alarms) > 0}
	if f.Notifies != nil {
		monitoring.Notifies = model.FactOf(*f.Notifies)
	}
	for _, alarm := range f.Alarms {
		monitoring.Alarms = append(monitoring.Alarms, model.AlarmFacts(alarm))
	}
	return monitoring
}
