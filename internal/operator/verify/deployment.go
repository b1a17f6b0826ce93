package verify

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// deployment is one replication being verified.
type deployment struct {
	descriptor replication.Descriptor
	options    Options
	progress   *progress
	// run is part of the keys of all probes of this run.
	run string

	places    []*place
	stations  []*station
	topics    []*listeners
	receivers []*receiver
	settings  []*setting
	// unknownSettings are the settings that can't be compared.
	unknownSettings []replication.Setting
	dashboard       *dashboard
	flows           []*flow
	list            *checklist

	standings map[*place]standing
	alarms    map[string]*Check
	probes    []*probe
	attempts  []*attempt
	feeds     map[string]*Check
}

func newDeployment(descriptor replication.Descriptor, sessions *live.Sessions, options Options, progress *progress) *deployment {
	d := &deployment{
		descriptor: descriptor, options: options, progress: progress, run: newRun(time.Now(), options),
		list: &checklist{replication: descriptor.Name}, standings: map[*place]standing{},
	}
	for _, deployed := range descriptor.Buckets() {
		p := newPlace(deployed, descriptor.RoleOf(deployed), sessions.At(deployed))
		p.prefixes, p.probed, p.settings = prefixes(descriptor), !options.NoWrite, descriptor.Settings
		d.places = append(d.places, p)
	}
	d.stations, d.topics = stations(descriptor, sessions), topicsOf(descriptor, sessions)
	d.receivers = receivers(descriptor, sessions)
	d.settings, d.unknownSettings = settingsOf(descriptor, sessions)
	d.dashboard = dashboardOf(descriptor, sessions)
	return d
}

// verify makes all checks and, unless NoWrite is set, replicates probes.
func (d *deployment) verify(ctx context.Context) {
	d.read(ctx)
	if ctx.Err() != nil {
		return
	}
	d.look()
	d.planFeeds()
	if d.options.NoWrite {
		d.checkFeeds(ctx, ctx, time.Time{})
		d.checkLeftBehind()
		return
	}
	d.progress.plan(len(d.probes) + 1)
	began := time.Now()
	trying, cancel := context.WithTimeout(ctx, d.options.Timeout)
	defer cancel()
	d.try(trying)
	var cleaning sync.WaitGroup
	cleaning.Go(func() { d.cleanUp(ctx) })
	if ctx.Err() == nil {
		d.checkFeeds(ctx, trying, began)
	}
	cleaning.Wait()
}

// read reads all settings, of all buckets concurrently.
func (d *deployment) read(ctx context.Context) {
	d.progress.plan(1)
	what := d.descriptor.Name + ", settings"
	d.progress.at(what, "reading settings and policies")
	var waiting sync.WaitGroup
	for _, p := range d.places {
		waiting.Go(func() { p.read(ctx) })
	}
	q := &questions{ctx: ctx}
	for _, s := range d.stations {
		ask(q, &s.found, s.read)
	}
	for _, topic := range d.topics {
		ask(q, &topic.found, topic.read)
	}
	for _, r := range d.receivers {
		ask(q, &r.gone, r.read)
	}
	d.readSettings(q)
	if d.dashboard != nil {
		ask(q, &d.dashboard.found, d.dashboard.read, "ResourceNotFound", "DashboardNotFoundError")
	}
	waiting.Wait()
	q.waiting.Wait()
	d.takeSettings()
	d.flows = flows(d.descriptor, d.places)
	d.progress.end(what, "done")
}

// look judges the settings and plans the probes: first the checks that others depend
// on, last the ones that replication does not depend on.
func (d *deployment) look() {
	d.lookAtReplication()
	for _, p := range d.places {
		d.list.checkGuards(p, d.sourcesOf(p), d.standings[p].bucket, d.settingAt(replication.BucketPolicySetting, p.ARN))
		d.planAttempts(p)
	}
	d.alarms = d.list.checkAlarms(d.descriptor, d.flows, d.stations)
	for _, topic := range d.topics {
		d.list.checkTopic(topic)
	}
	for _, wanted := range d.descriptor.Notifications {
		for _, p := range d.places {
			if p.Name == wanted.Bucket {
				d.list.checkNotification(wanted, p, d.standings[p].bucket)
			}
		}
	}
	for _, p := range d.places {
		if p.EventBridge {
			d.list.checkEventBridge(p, d.standings[p].bucket)
		}
	}
	for _, r := range d.receivers {
		d.list.checkReceiver(r)
	}
	d.checkSettings()
	if d.dashboard != nil {
		d.list.check("dashboard", d.dashboard.name, nil, d.dashboard.judge)
	}
}

// sourcesOf returns the buckets that replicate to a bucket.
func (d *deployment) sourcesOf(p *place) []*place {
	var sources []*place
	for _, f := range d.flows {
		if slices.Contains(f.to, p) {
			sources = append(sources, f.from)
		}
	}
	return sources
}

// lookAtReplication judges the requirements of replication and plans the probes.
func (d *deployment) lookAtReplication() {
	source := d.places[0]
	d.standings[source] = d.list.checkPlace(source, nil)
	for _, p := range d.places[1:] {
		d.standings[p] = d.list.checkPlace(p, source)
	}
	roles := map[*flow][]*Check{}
	rules := map[*flow]map[string]*Check{}
	for _, f := range d.flows {
		roles[f] = d.list.checkRole(f, d.settingAt(replication.TrustSetting, f.from.roleARN))
	}
	for _, f := range d.flows {
		rules[f] = d.list.checkRules(f, d.standings[f.from].bucket)
	}
	permissions := map[*place]map[*place]*Check{}
	for _, f := range d.flows {
		permissions[f.from] = map[*place]*Check{}
		for _, to := range f.to {
			there := []*Check{d.standings[f.from].bucket, d.standings[to].bucket}
			permissions[f.from][to] = d.list.checkPermissions(f, to, slices.Concat(roles[f], there))
		}
		for i, arn := range f.from.DecryptKeyARNs {
			d.list.check(f.from.Name, "key "+arn[strings.LastIndex(arn, "/")+1:], append(slices.Clone(roles[f]), d.standings[f.from].bucket),
				func() outcome { return f.judgeDecryptKey(i) })
		}
	}
	for _, f := range d.flows {
		if d.options.NoWrite {
			d.list.check("probes from "+f.from.Name, "all", nil, func() outcome { return skip("not written, because of --no-write") })
			continue
		}
		d.planProbes(f, func(to *place, deciding []string) []*Check {
			needed := slices.Concat(roles[f], d.standings[f.from].replicates(), d.standings[to].replicates())
			needed = append(needed, permissions[f.from][to])
			for _, rule := range deciding {
				if check := rules[f][rule]; check != nil {
					needed = append(needed, check)
				}
			}
			return needed
		})
	}
}

// try concurrently writes the probes and tries the uploads that must be rejected.
func (d *deployment) try(ctx context.Context) {
	var waiting sync.WaitGroup
	for _, p := range d.probes {
		waiting.Go(func() { p.follow(ctx) })
	}
	for _, a := range d.attempts {
		waiting.Go(func() { a.make(ctx) })
	}
	waiting.Wait()
}

// pause waits and reports whether ctx is still active.
func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
