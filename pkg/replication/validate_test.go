package replication_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// pair is the smallest valid topology, for tests to spoil.
func pair() replication.Topology {
	return replication.Topology{
		Source:       replication.BucketSpec{Region: "us-east-1"},
		Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2"}},
	}
}

func ptr[T any](value T) *T { return &value }

func TestValidate_AcceptsWhatS3CanDo(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*replication.Topology){
		"the smallest topology": func(*replication.Topology) {},
		"replication within a region": func(t *replication.Topology) {
			t.Destinations[0].Region = t.Source.Region
		},
		"several destinations in one region": func(t *replication.Topology) {
			t.Destinations = append(t.Destinations, replication.BucketSpec{Name: "dr2", Region: "us-west-2"})
		},
		"a pair in China": func(t *replication.Topology) {
			t.Source.Region, t.Destinations[0].Region = "cn-north-1", "cn-northwest-1"
		},
		"keys brought along": func(t *replication.Topology) {
			t.Source.KMSKeyARN = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
			t.Destinations[0].KMSKeyARN = "arn:aws:kms:us-west-2:111111111111:key/mrk-1234abcd12ab34cd56ef1234567890ab"
		},
		"a tag filter without delete markers": func(t *replication.Topology) {
			t.Rules = []replication.RuleSpec{{ID: "a", Tags: map[string]string{"class": "critical"}, DeleteMarkers: ptr(false)}}
		},
		"a tag filter that says nothing about delete markers": func(t *replication.Topology) {
			t.Rules = []replication.RuleSpec{{ID: "a", Tags: map[string]string{"class": "critical"}}}
		},
		"replication time control": func(t *replication.Topology) {
			t.Rules = []replication.RuleSpec{{ID: "a", ReplicationTimeControl: ptr(true), Metrics: ptr(true)}}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			topology := pair()
			change(&topology)
			assert.Empty(t, topology.Validate())
		})
	}
}

func TestValidate_NamesTheFieldAndTheWayOut(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*replication.Topology)
		path   string
		says   string
	}{
		"source without a region": {
			func(t *replication.Topology) { t.Source.Region = "" },
			"source.region", "is missing; name the region",
		},
		"destination without a region": {
			func(t *replication.Topology) { t.Destinations[0].Region = "" },
			"destinations[0].region", "is missing",
		},
		"something that is no region": {
			func(t *replication.Topology) { t.Source.Region = "virginia" },
			"source.region", `"virginia" is not an AWS region`,
		},
		"no destination": {
			func(t *replication.Topology) { t.Destinations = nil },
			"destinations", "name at least one",
		},
		"destination without a name": {
			func(t *replication.Topology) { t.Destinations[0].Name = "" },
			"destinations[0].name", "is missing",
		},
		"destination called source": {
			func(t *replication.Topology) { t.Destinations[0].Name = "source" },
			"destinations[0].name", "is the name of the source",
		},
		"destination name that cannot be part of a resource's": {
			func(t *replication.Topology) { t.Destinations[0].Name = "DR one" },
			"destinations[0].name", "lower-case letters",
		},
		"two destinations of one name": {
			func(t *replication.Topology) { t.Destinations = append(t.Destinations, t.Destinations[0]) },
			"destinations[1].name", `"dr" is the name of destinations[0] already`,
		},
		"a bucket that is to replicate to itself": {
			func(t *replication.Topology) { t.Source.Bucket, t.Destinations[0].Bucket = "my-data", "my-data" },
			"destinations[0].bucket", `"my-data" is source.bucket already`,
		},
		"a bucket that is two destinations": {
			func(t *replication.Topology) {
				t.Destinations = []replication.BucketSpec{
					{Name: "a", Region: "us-west-2", Bucket: "my-data"}, {Name: "b", Region: "us-west-2", Bucket: "my-data"},
				}
			},
			"destinations[1].bucket", `"my-data" is destinations[0].bucket already`,
		},
		"a bucket name that S3 refuses": {
			func(t *replication.Topology) { t.Source.Bucket = "My_Data" },
			"source.bucket", "is not a bucket name",
		},
		"another partition": {
			func(t *replication.Topology) { t.Destinations[0].Region = "cn-north-1" },
			"destinations[0].region", "S3 does not replicate from one partition to another",
		},
		"an alias for a key": {
			func(t *replication.Topology) { t.Source.KMSKeyARN = "arn:aws:kms:us-east-1:111111111111:alias/data" },
			"source.kmsKeyArn", "is an alias",
		},
		"a bare alias name for a key": {
			func(t *replication.Topology) { t.Source.KMSKeyARN = "alias/data" },
			"source.kmsKeyArn", "is an alias",
		},
		"a key of another region": {
			func(t *replication.Topology) {
				t.Destinations[0].KMSKeyARN = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
			},
			"destinations[0].kmsKeyArn", "a bucket in us-west-2 needs a key of us-west-2",
		},
		"a key id for a key's ARN": {
			func(t *replication.Topology) { t.Source.KMSKeyARN = "1234abcd-12ab-34cd-56ef-1234567890ab" },
			"source.kmsKeyArn", "is not the ARN of a KMS key",
		},
		"a storage class that S3 does not have": {
			func(t *replication.Topology) { t.Destinations[0].StorageClass = "COLD" },
			"destinations[0].storageClass", `"COLD" is not a storage class`,
		},
		"a rule without an id": {
			func(t *replication.Topology) { t.Rules = []replication.RuleSpec{{}} },
			"rules[0].id", "is missing",
		},
		"two rules of one id": {
			func(t *replication.Topology) { t.Rules = []replication.RuleSpec{{ID: "a"}, {ID: "a"}} },
			"rules[1].id", `"a" is the id of rules[0] already`,
		},
		"a rule to a destination that is not there": {
			func(t *replication.Topology) {
				t.Rules = []replication.RuleSpec{{ID: "a", Destinations: []string{"eu"}}}
			},
			"rules[0].destinations[0]", `"eu" is not the name of a destination; there is dr`,
		},
		"delete markers with a tag filter": {
			func(t *replication.Topology) {
				t.Rules = []replication.RuleSpec{{ID: "a", Tags: map[string]string{"class": "critical"}, DeleteMarkers: ptr(true)}}
			},
			"rules[0].tags", "set deleteMarkers: false or drop the tags",
		},
		"replication time control without metrics": {
			func(t *replication.Topology) {
				t.Rules = []replication.RuleSpec{{ID: "a", ReplicationTimeControl: ptr(true), Metrics: ptr(false)}}
			},
			"rules[0].metrics", "set metrics: true or replicationTimeControl: false",
		},
		"a prefix that is too long": {
			func(t *replication.Topology) {
				t.Rules = []replication.RuleSpec{{ID: "a", Prefix: strings.Repeat("x", 1025)}}
			},
			"rules[0].prefix", "1024 bytes at most",
		},
		"a preset that there is not": {
			func(t *replication.Topology) { t.Rules = []replication.RuleSpec{{ID: "a", Preset: "vital"}} },
			"rules[0].preset", `"vital" is not a preset; use one of archive, compliance, critical, logs`,
		},
		"a preset with time control, and no metrics": {
			func(t *replication.Topology) {
				t.Rules = []replication.RuleSpec{{ID: "a", Preset: replication.Critical, Metrics: ptr(false)}}
			},
			"rules[0].metrics", "replication time control needs metrics",
		},
		"one prefix and several": {
			func(t *replication.Topology) {
				t.Rules = []replication.RuleSpec{{ID: "a", Prefix: "x/", Prefixes: []string{"y/", "y/"}}}
			},
			"rules[0].prefixes", "put all of them into prefixes",
		},
		"a system tag in a filter": {
			func(t *replication.Topology) {
				t.Rules = []replication.RuleSpec{{ID: "a", Tags: map[string]string{"aws:x": "y"}}}
			},
			"rules[0].tags", "System tags",
		},
		"two rules whose ids meet once destinations are appended": {
			func(t *replication.Topology) {
				t.Destinations = append(t.Destinations, replication.BucketSpec{Name: "eu", Region: "eu-west-1"})
				t.Rules = []replication.RuleSpec{{ID: "a"}, {ID: "a-dr", Destinations: []string{"dr"}}}
			},
			"rules", `two rules with the id "a-dr"`,
		},
		"more rules than S3 takes": {
			func(t *replication.Topology) {
				for i := range 1001 {
					t.Rules = append(t.Rules, replication.RuleSpec{ID: strings.Repeat("r", i/100+1) + string(rune('a'+i%10)) + string(rune('a'+i/10%10))})
				}
			},
			"rules", "S3 takes 1000 at most",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			topology := pair()
			c.change(&topology)
			problems := topology.Validate()
			for _, problem := range problems {
				if problem.Path == c.path && strings.Contains(problem.Message, c.says) {
					return
				}
			}
			assert.Failf(t, "problem not found", "want %s: ...%s...\ngot  %v", c.path, c.says, problems)
		})
	}
}

func TestValidate_ListsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	topology := replication.Topology{
		Destinations: []replication.BucketSpec{{Name: "dr", Region: "us-west-2"}, {Name: "dr", Region: "nowhere"}},
		Rules:        []replication.RuleSpec{{ID: "a", Destinations: []string{"eu"}}},
	}
	err := topology.Validate().Err()
	assert.EqualError(t, err, strings.TrimSpace(`
4 problems:
source.region: is missing; name the region of the bucket, such as us-east-1
destinations[1].region: "nowhere" is not an AWS region; a region looks like us-east-1
destinations[1].name: "dr" is the name of destinations[0] already
rules[0].destinations[0]: "eu" is not the name of a destination; there is dr, dr
`))
}

func TestProblems_OfNothingAreNoError(t *testing.T) {
	t.Parallel()
	assert.NoError(t, replication.Problems{}.Err())
}

func TestProblems_MoveBelowAPath(t *testing.T) {
	t.Parallel()
	problems := replication.Problems{{Path: "region"}, {Path: "[0]"}, {Path: ""}}.Under("source")
	assert.Equal(t, []string{"source.region", "source[0]", "source"}, []string{problems[0].Path, problems[1].Path, problems[2].Path})
}
