package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/trails"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/words"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// trail is a trail of a deployment with its live settings.
type trail struct {
	arn string
	// buckets whose calls it must record.
	buckets []replication.DeployedBucket
	// deployed are the deployed settings, if the descriptor has them.
	deployed map[string]string
	found    trails.Trail
	err      error
}

// trailPatience is the timeout for reading one trail.
const trailPatience = time.Minute

// readTrails reads all trails of a deployment, each once.
func readTrails(ctx context.Context, sessions *live.Sessions, d replication.Descriptor) []trail {
	all := trailsOf(d)
	for i := range all {
		t := &all[i]
		at := t.buckets[0]
		at.Region = awsid.RegionOf(t.arn)
		asking, cancel := context.WithTimeout(ctx, trailPatience)
		t.found, t.err = trails.Read(asking, sessions.At(at), t.arn)
		cancel()
		if t.err != nil {
			t.err = live.Failed("reading the trail "+t.arn, at, t.err)
		}
	}
	return all
}

// trailsOf returns the trails of a deployment with the buckets that each must record.
func trailsOf(d replication.Descriptor) []trail {
	var all []trail
	for _, place := range d.Buckets() {
		arn := place.TrailARN
		if arn == "" && awsid.AccountOf(d.TrailARN) == place.AccountID {
			arn = d.TrailARN
		}
		if arn == "" {
			continue
		}
		i := slices.IndexFunc(all, func(t trail) bool { return t.arn == arn })
		if i < 0 {
			i = len(all)
			all = append(all, trail{arn: arn})
			for _, setting := range d.Settings {
				if setting.Kind == replication.TrailSetting && setting.ARN == arn {
					all[i].deployed = setting.Values
				}
			}
		}
		all[i].buckets = append(all[i].buckets, place)
	}
	return all
}

// evidence returns the evidence that a deployment keeps.
func (e evidence) evidence() []Evidence {
	all := []Evidence{}
	for _, t := range e.trails {
		all = append(all, t.evidence())
	}
	if len(e.descriptor.Alarms) > 0 {
		history := Evidence{"alarm history", Recorded, "the changes of all alarms were read from CloudWatch"}
		if len(e.past.Missing) > 0 {
			history.State, history.Text = Unread, "the history of alarms could not be read"
		}
		all = append(all, history)
	}
	if e.found.Kept {
		events := Evidence{"events", Recorded, "a queue receives S3's events of objects that failed or were late"}
		if e.found.Unread {
			events.State, events.Text = Unread, "the queue of S3's events could not be read"
		}
		all = append(all, events)
	}
	return all
}

// evidence reports whether the trail records the calls that it was deployed for.
func (t trail) evidence() Evidence {
	name := "the trail " + t.arn[strings.LastIndex(t.arn, "/")+1:]
	if t.err != nil {
		return Evidence{"trail", Unread, t.err.Error()}
	}
	var lacks []string
	if !t.found.Logging() {
		lacks = append(lacks, "it is stopped")
	}
	lacks = append(lacks, t.found.Undelivered...)
	for _, place := range t.buckets {
		if t.wants(place) && !t.found.Covers(place.ARN) {
			lacks = append(lacks, "its event selectors don't cover s3://"+place.Bucket)
		}
	}
	is := map[string]string{}
	for value := range t.deployed {
		is[value] = t.found.Values[value]
	}
	if changes := words.Changes(t.deployed, is); len(lacks) == 0 && len(changes) > 0 {
		lacks = append(lacks, "it is not as deployed: "+strings.Join(changes, "; "))
	}
	if len(lacks) > 0 {
		return Evidence{"trail", Lost, fmt.Sprintf("%s does not record as deployed: %s", name, strings.Join(lacks, "; "))}
	}
	text := name + " records, but has not delivered a log file yet"
	if !t.found.Delivered.IsZero() {
		text = name + " records; its latest log file was delivered at " + words.Moment(t.found.Delivered)
	}
	return Evidence{"trail", Recorded, text + ". Whether it recorded without interruption is not proven"}
}

// wants reports whether the trail was deployed to record a bucket.
func (t trail) wants(place replication.DeployedBucket) bool {
	return t.deployed == nil || strings.Contains(t.deployed["EventSelectors"]+", ", replication.TrailSelects(false, []string{place.ARN})+", ")
}
