package replicator

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/bucketevents"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// publish puts the metrics to CloudWatch periodically.
func (e *Engine) publish(ctx context.Context) {
	ticker := time.NewTicker(e.options.PublishEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			e.publishAll(ctx, now)
		}
	}
}

// publishAll publishes the series of all rules with metrics, and ends the other
// series.
func (e *Engine) publishAll(ctx context.Context, now time.Time) {
	for _, t := range e.metrics.close(e.measured) {
		e.notify(ctx, t, notTracked, "")
	}
	for _, source := range e.options.Directory.Replicating() {
		v, err := e.snapshots.of(ctx, source, "")
		if err == nil && v.configuration != nil {
			err = e.publishSource(ctx, v, now)
		}
		if err != nil && ctx.Err() == nil {
			e.options.Log.Warn("replication metrics are missing", "bucket", source, "error", err)
		}
	}
}

// measured reports whether the rule of a series still has metrics.
func (e *Engine) measured(id seriesID) bool {
	configuration := e.options.Directory.Bucket(id.source).Replication
	if configuration == nil {
		return false
	}
	return slices.ContainsFunc(configuration.Rules, func(rule s3config.Rule) bool {
		return rule.ID == id.rule && bucketName(rule.Destination.Bucket) == id.destination && measures(&rule)
	})
}

func (e *Engine) publishSource(ctx context.Context, v *snapshot, now time.Time) error {
	for i := range v.configuration.Rules {
		s := e.metrics.ofRule(v.facts.Source.Bucket, &v.configuration.Rules[i])
		if s == nil {
			continue
		}
		for _, t := range s.overdue(now) {
			e.notify(ctx, t, missedThreshold, "")
		}
		if err := e.publishSeries(ctx, v, s, now); err != nil {
			return err
		}
	}
	return nil
}

// publishSeries publishes failures in the source region, if there were operations,
// and the other metrics in the destination region, while the destination exists.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
func (e *Engine) publishSeries(ctx context.Context, v *snapshot, s *series, now time.Time) error {
	read := s.read(now)
	if total := read.succeeded + read.lost; total > 0 {
		counts := map[float64]int{0: read.succeeded, 1: read.lost}
		if err := e.putMetrics(ctx, v, v.facts.Source.Region, s, now, datum{"OperationsFailedReplication", "Count", counts}); err != nil {
			return err
		}
	}
	if v.missing[s.id.destination] {
		return nil
	}
	once := func(value float64) map[float64]int { return map[float64]int{value: 1} }
	return e.putMetrics(ctx, v, v.facts.Destinations[s.id.destination].Region, s, now,
		datum{"ReplicationLatency", "Seconds", once(read.latency.Seconds())},
		datum{"BytesPendingReplication", "Bytes", once(float64(read.pendingBytes))},
		datum{"OperationsPendingReplication", "Count", once(float64(read.pending))})
}

// datum is the values of one metric, with their counts.
type datum struct {
	name, unit string
	counts     map[float64]int
}

func (e *Engine) putMetrics(ctx context.Context, v *snapshot, region string, s *series, now time.Time, data ...datum) error {
	accessKey, err := e.accounts.KeyOf(ctx, v.facts.Source.Account)
	if err != nil {
		return err
	}
	form := url.Values{"Action": {"PutMetricData"}, "Version": {"2010-08-01"}, "Namespace": {"AWS/S3"}}
	for i, each := range data {
		each.write(form, "MetricData.member."+strconv.Itoa(i+1), s.id, now)
	}
	question := emulator.Question{
		Method: http.MethodPost, Host: "monitoring." + region + ".amazonaws.com", Path: "/", Service: "monitoring", Region: region,
		AccessKey: accessKey, Form: form,
	}
	account := v.facts.Source.Account
	if e.options.Late == 0 {
		return e.sendMetrics(ctx, question, account)
	}
	if e.published.Add(1)%missing == 0 {
		return nil
	}
	e.running.Go(func() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(e.options.Late):
		}
		if err := e.sendMetrics(ctx, question, account); err != nil && ctx.Err() == nil {
			e.options.Log.Warn("replication metrics are missing", "bucket", s.id.source, "error", err)
		}
	})
	return nil
}

// missing is the interval of missing metrics, if metrics are late.
const missing = 5

func (e *Engine) sendMetrics(ctx context.Context, metrics emulator.Question, account string) error {
	answer, err := e.client.Ask(ctx, metrics)
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		return unexpected("CloudWatch", answer)
	}
	if e.options.Published != nil {
		e.options.Published(account, metrics.Region, metrics.Form)
	}
	return nil
}

func (d datum) write(form url.Values, prefix string, id seriesID, now time.Time) {
	form.Set(prefix+".MetricName", d.name)
	form.Set(prefix+".Unit", d.unit)
	form.Set(prefix+".Timestamp", now.UTC().Format(bucketevents.TimeFormat))
	for i, dimension := range [][2]string{{"SourceBucket", id.source}, {"DestinationBucket", id.destination}, {"RuleId", id.rule}} {
		at := prefix + ".Dimensions.member." + strconv.Itoa(i+1)
		form.Set(at+".Name", dimension[0])
		form.Set(at+".Value", dimension[1])
	}
	member := 0
	for value, count := range d.counts {
		if count == 0 {
			continue
		}
		member++
		form.Set(prefix+".Values.member."+strconv.Itoa(member), strconv.FormatFloat(value, 'f', -1, 64))
		form.Set(prefix+".Counts.member."+strconv.Itoa(member), strconv.Itoa(count))
	}
}
