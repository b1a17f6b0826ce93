package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/failures"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/metrics"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// evidence is the data of a deployment that was read from AWS.
type evidence struct {
	descriptor replication.Descriptor
	readings   []metrics.Reading
	alarms     []alarms.Alarm
	past       alarms.Past
	found      failures.Found
	trails     []trail
}

// Read reports on deployments over a window that ends now.
func Read(
	ctx context.Context, sessions *live.Sessions, by operator.Identity, descriptors []replication.Descriptor, length time.Duration, now time.Time,
) (Report, error) {
	window, err := metrics.Settled(now, length)
	if err != nil {
		return Report{}, err
	}
	all := make([]evidence, len(descriptors))
	var group sync.WaitGroup
	for i, descriptor := range descriptors {
		group.Go(func() { all[i] = gather(ctx, sessions, descriptor, window) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return Report{}, ctx.Err()
	}
	return reportOf(all, by, window, now), nil
}

func gather(ctx context.Context, sessions *live.Sessions, d replication.Descriptor, window metrics.Window) evidence {
	e := evidence{descriptor: d}
	var group sync.WaitGroup
	group.Go(func() { e.readings = metrics.Read(ctx, metrics.From(sessions), metrics.Links(d), window) })
	group.Go(func() { e.alarms = alarms.States(ctx, sessions, d) })
	group.Go(func() { e.past = alarms.History(ctx, sessions, d, window.Start, window.End) })
	group.Go(func() { e.trails = readTrails(ctx, sessions, d) })
	group.Go(func() { e.found = failures.Peek(ctx, sessions, d) })
	group.Wait()
	return e
}

func reportOf(all []evidence, by operator.Identity, window metrics.Window, now time.Time) Report {
	r := Report{
		Generated: now.UTC(), By: by.ARN, Account: by.Account, Window: window, PeriodSeconds: int(window.Period.Seconds()),
		LimitSeconds: limitSeconds, Method: method, Limits: limitsOf(all, window),
	}
	for _, each := range all {
		r.Deployments = append(r.Deployments, each.deployment(window, now))
	}
	r.Verdict = verdictOf(r.Deployments)
	return r
}

// verdictOf returns the worst verdict of all enabled rules.
func verdictOf(deployments []Deployment) Verdict {
	verdict := Off
	for _, worse := range []Verdict{Kept, NotShown, Broken} {
		for _, deployment := range deployments {
			if slices.ContainsFunc(deployment.Rules, func(rule Rule) bool { return rule.Verdict == worse }) {
				verdict = worse
			}
		}
	}
	return verdict
}

func (e evidence) deployment(window metrics.Window, now time.Time) Deployment {
	d := Deployment{
		Name: e.descriptor.Name, DescriptorSHA256: fingerprint(e.descriptor),
		Alarms: append([]alarms.Change{}, e.past.Changes...), AlarmGaps: append([]alarms.Gap{}, e.past.Gaps...),
		Evidence: e.evidence(), Missing: append([]string{}, e.found.Notes...),
	}
	for _, place := range e.descriptor.Buckets() {
		d.Accounts, d.Regions = append(d.Accounts, place.AccountID), append(d.Regions, place.Region)
	}
	d.Accounts, d.Regions = distinct(d.Accounts), distinct(d.Regions)
	for _, reading := range e.readings {
		d.Rules = append(d.Rules, ruleOf(reading))
	}
	d.addEvents(e.found, window)
	for _, err := range e.past.Missing {
		d.Missing = append(d.Missing, err.Error())
	}
	for _, alarm := range e.alarms {
		if alarm.State == alarms.Gone || alarm.State == alarms.Unknown {
			d.Missing = append(d.Missing, fmt.Sprintf("the alarm %s in %s is %s: %s", alarm.Name, alarm.Region, alarm.State, alarm.Reason))
		}
	}
	if len(e.trails) == 0 {
		d.Missing = append(d.Missing, "the deployment has no trail that records who wrote and deleted objects, and who changed rules")
	}
	if len(e.descriptor.Alarms) == 0 {
		d.Missing = append(d.Missing, "the deployment has no alarms")
	} else if window.Length() > alarms.HistoryKept {
		oldest := now.UTC().Add(-alarms.HistoryKept).Format(time.DateOnly)
		d.Missing = append(d.Missing, "CloudWatch keeps the history of alarms for 30 days; changes before "+oldest+" are unknown")
	}
	return d
}

// addEvents adds the events of the window.
func (d *Deployment) addEvents(found failures.Found, window metrics.Window) {
	d.Events = []failures.Event{}
	for _, event := range found.Events {
		if event.Time.Before(window.Start) || !event.Time.Before(window.End) {
			continue
		}
		d.Events = append(d.Events, event)
		for i := range d.Rules {
			rule := &d.Rules[i]
			if event.Rule == rule.ID && event.Bucket == rule.Source.Bucket && event.Destination == rule.Destination.Bucket {
				rule.learn(event)
			}
		}
	}
	if !found.Kept {
		d.Missing = append(d.Missing, "no queue receives S3's events, so individual objects that failed or were late are unknown")
	}
}

// learn updates the verdict with an event. An object that failed or was late misses
// the target, even if the metrics did not show it.
func (r *Rule) learn(event failures.Event) {
	switch {
	case event.Name != failures.NotTracked:
		r.Verdict = Broken
	case r.Verdict == Kept:
		r.Verdict = NotShown
	}
}

func distinct(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// fingerprint identifies a descriptor.
func fingerprint(d replication.Descriptor) string {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Sprintf("none: %v", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
