package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
)

// The questions.
const (
	askSourceAccount = "source-account"
	askNewRole       = "new-role"
	askGenerate      = "generate-data-key"
	askETag          = "replica-etag"
	askETagMD5       = "kms-etag-md5"
	askMarker        = "delete-marker-version"
	askMetricLag     = "metric-lag"
	askMetricPlace   = "metric-region"
)

// questions in the order of the report.
var questions = []struct{ id, text string }{
	{askSourceAccount, "Does S3 send aws:SourceAccount when it assumes the role?"},
	{askNewRole, "Is a role that was just made usable for the first object?"},
	{askGenerate, "Does the role need kms:GenerateDataKey on the source's key?"},
	{askETag, "Do a replica and its source have the same ETag, both under SSE-KMS?"},
	{askETagMD5, "Is the ETag of an object under SSE-KMS the MD5 of its data, equal for equal data?"},
	{askMarker, "Does a replicated delete marker keep its version id?"},
	{askMetricLag, "How many seconds after the first replicated object is a replication metric available?"},
	{askMetricPlace, "In which region is each replication metric published, in the account of both buckets?"},
}

// Answers other than numbers and names.
const (
	yes     = "yes"
	no      = "no"
	unknown = "unknown"
)

// result of replicating an object.
type result string

const (
	arrived result = "COMPLETED"
	failed  result = "FAILED"
	neither result = "neither COMPLETED nor FAILED"
)

// try is one attempt with an object.
type try struct {
	key, etag string
	result    result
	took      time.Duration
}

func (t try) String() string {
	return fmt.Sprintf("%s after %s", t.result, t.took.Round(100*time.Millisecond))
}

// experiment answers the questions in sequence: each needs the previous ones.
type experiment struct {
	site    *site
	options options
	log     io.Writer

	mu      sync.Mutex
	answers map[string]answer
	puts    int
	// firstArrival is when the first replication was observed.
	firstArrival time.Time
	// firstPut is when the first object was put.
	firstPut time.Time
	// visible is when each metric was first seen, by region and name.
	visible map[string]time.Time
}

func newExperiment(s *site, o options, log io.Writer) *experiment {
	return &experiment{site: s, options: o, log: log, answers: map[string]answer{}, visible: map[string]time.Time{}}
}

func (e *experiment) answer(id, value, evidence string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answers[id] = answer{ID: id, Answer: value, Evidence: fmt.Sprintf(evidence, args...)}
	fmt.Fprintf(e.log, "%s: %s (%s)\n", id, value, e.site.redactor().text(e.answers[id].Evidence))
}

func (e *experiment) say(format string, args ...any) { fmt.Fprintf(e.log, format+"\n", args...) }

func (e *experiment) run(ctx context.Context) error {
	e.say("making the keys and buckets ...")
	if err := e.site.make(ctx); err != nil {
		return err
	}
	// A role whose keys and buckets have existed for a while: only the role is new.
	pause(ctx, e.options.settle)
	if err := e.site.makeRole(ctx, true, false); err != nil {
		return fmt.Errorf("making the role: %w", err)
	}
	if err := e.configure(ctx); err != nil {
		return fmt.Errorf("putting the rule: %w", err)
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	seen := e.watchMetrics(watching)
	good, err := e.askPermissions(ctx)
	if err == nil && good.key != "" {
		err = errors.Join(e.askETags(ctx, good), e.askMarkers(ctx, good), e.askNewRoleAgain(ctx))
	}
	if err != nil {
		stop()
	}
	<-seen
	e.judgeMetrics()
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // unanswered questions are unknown
	}
	return err
}

// configure puts the rule, and retries until S3 accepts the role.
func (e *experiment) configure(ctx context.Context) error {
	for {
		err := e.site.replicate(ctx)
		if err == nil || !slices.Contains([]string{"InvalidArgument", "InvalidRequest", "AccessDenied"}, live.Code(err)) || ctx.Err() != nil {
			return err
		}
		e.say("S3 does not take the rule yet: %s", live.Code(err))
		pause(ctx, e.options.settle/10)
	}
}

// askPermissions starts with the fewest permissions and adds to them until an object
// is replicated, so that S3 has no earlier credentials of the role. It returns the
// object.
func (e *experiment) askPermissions(ctx context.Context) (try, error) {
	first, err := e.replicate(ctx, 1)
	if err != nil {
		return try{}, err
	}
	e.judgeNewRole(first)
	strict := first
	if strict.result != arrived {
		if strict, err = e.replicate(ctx, 2); err != nil {
			return try{}, err
		}
		if strict.result == arrived {
			e.answer(askNewRole, no, "the first object: %s, a later one: %s", first, strict)
		}
	}
	if strict.result == arrived {
		e.answer(askSourceAccount, yes, "under a trust policy that needs it: %s", strict)
		e.answer(askGenerate, no, "with kms:Decrypt only: %s", strict)
		return strict, nil
	}
	e.say("nothing is replicated under a trust policy that needs aws:SourceAccount; taking the condition away ...")
	if err := e.site.trustWith(ctx, false); err != nil {
		return try{}, err
	}
	loose, err := e.replicate(ctx, 3)
	if err != nil {
		return try{}, err
	}
	if loose.result == arrived {
		e.answer(askSourceAccount, onlyIf(strict.result == failed, no), "under a trust policy that needs it: %s; without: %s", strict, loose)
		e.answer(askGenerate, no, "with kms:Decrypt only: %s", loose)
		return loose, nil
	}
	e.say("nothing is replicated without it either; adding kms:GenerateDataKey ...")
	if err := e.site.allow(ctx, true); err != nil {
		return try{}, err
	}
	generating, err := e.replicate(ctx, 3)
	if err != nil {
		return try{}, err
	}
	if generating.result != arrived {
		return try{}, fmt.Errorf("nothing is replicated, with every right that AWS documents: %s", generating)
	}
	e.answer(askGenerate, onlyIf(loose.result == failed, yes), "with kms:Decrypt only: %s; with kms:GenerateDataKey: %s", loose, generating)
	return generating, e.askTrustAgain(ctx)
}

// askTrustAgain restores the condition. S3 may use earlier credentials, so a
// replicated object proves nothing.
func (e *experiment) askTrustAgain(ctx context.Context) error {
	if err := e.site.trustWith(ctx, true); err != nil {
		return err
	}
	again, err := e.replicate(ctx, 2)
	if err != nil {
		return err
	}
	e.answer(askSourceAccount, onlyIf(again.result == failed, no), "with the condition put back: %s, and S3 may have credentials from before", again)
	return nil
}

// onlyIf returns an answer if it is proven.
func onlyIf(proved bool, value string) string {
	if proved {
		return value
	}
	return unknown
}

func (e *experiment) judgeNewRole(first try) {
	if first.result == arrived {
		e.answer(askNewRole, yes, "an object put right after the role was made: %s", first)
		return
	}
	e.answer(askNewRole, unknown, "an object put right after the role was made: %s, which may have another reason", first)
}

// askNewRoleAgain creates a second role, with the permissions that the first one was
// found to need, if the first one was unusable for other reasons.
func (e *experiment) askNewRoleAgain(ctx context.Context) error {
	if e.answers[askNewRole].Answer != unknown {
		return nil
	}
	e.say("making another role ...")
	e.site.nameRole(e.site.run + "-2")
	if err := e.site.makeRole(ctx, false, e.answers[askGenerate].Answer != no); err != nil {
		return fmt.Errorf("making another role: %w", err)
	}
	if err := e.configure(ctx); err != nil {
		return fmt.Errorf("putting the rule again: %w", err)
	}
	first, err := e.replicate(ctx, 1)
	if err != nil {
		return err
	}
	if first.result == arrived {
		e.judgeNewRole(first)
		return nil
	}
	later, err := e.replicate(ctx, 3)
	if err != nil {
		return err
	}
	e.answer(askNewRole, onlyIf(later.result == arrived, no), "the first object: %s, a later one: %s", first, later)
	return nil
}

// replicate puts an object, again while it fails, and returns the last one.
func (e *experiment) replicate(ctx context.Context, attempts int) (try, error) {
	var last try
	for attempt := range attempts {
		if attempt > 0 || attempts > 1 {
			pause(ctx, e.options.settle)
		}
		var err error
		if last, err = e.put(ctx); err != nil {
			return last, err
		}
		if last, err = e.wait(ctx, last); err != nil || last.result == arrived {
			return last, err
		}
		e.say("  %s", last)
	}
	return last, nil
}

// content of all objects.
const content = "smoke"

func (e *experiment) put(ctx context.Context) (try, error) {
	e.puts++
	key := fmt.Sprintf("object-%d", e.puts)
	answer, err := e.site.s3(e.site.source.Region).PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucketOf(e.site.source)), Key: &key, Body: strings.NewReader(content),
	})
	if err != nil {
		return try{}, fmt.Errorf("putting an object: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.firstPut.IsZero() {
		e.firstPut = time.Now()
	}
	return try{key: key, etag: aws.ToString(answer.ETag)}, nil
}

// wait waits for the final status of an object.
func (e *experiment) wait(ctx context.Context, t try) (try, error) {
	client, began := e.site.s3(e.site.source.Region), time.Now()
	for {
		answer, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucketOf(e.site.source)), Key: &t.key})
		if err != nil {
			return t, fmt.Errorf("looking at an object: %w", err)
		}
		t.took = time.Since(began)
		switch answer.ReplicationStatus {
		case s3types.ReplicationStatusCompleted, s3types.ReplicationStatusComplete:
			t.result = arrived
			e.mu.Lock()
			if e.firstArrival.IsZero() {
				e.firstArrival = time.Now()
			}
			e.mu.Unlock()
			return t, nil
		case s3types.ReplicationStatusFailed:
			t.result = failed
			return t, nil
		}
		if t.took > e.options.patience {
			t.result = neither
			return t, nil
		}
		if pause(ctx, e.options.settle/20); ctx.Err() != nil {
			return t, ctx.Err()
		}
	}
}

func (e *experiment) askETags(ctx context.Context, good try) error {
	replica, err := e.site.s3(e.site.destination.Region).HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucketOf(e.site.destination)), Key: &good.key})
	if err != nil {
		return fmt.Errorf("looking at a replica: %w", err)
	}
	e.answer(askETag, yesIf(aws.ToString(replica.ETag) == good.etag), "source %s, replica %s", good.etag, aws.ToString(replica.ETag))
	again, err := e.put(ctx)
	if err != nil {
		return err
	}
	e.answer(askETagMD5, yesIf(good.etag == again.etag && good.etag == md5Of(content)), "the MD5 is %s; two objects with the same data: %s and %s", md5Of(content), good.etag, again.etag)
	return nil
}

func yesIf(holds bool) string {
	if holds {
		return yes
	}
	return no
}

func (e *experiment) askMarkers(ctx context.Context, good try) error {
	made, err := e.site.s3(e.site.source.Region).DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(bucketOf(e.site.source)), Key: &good.key})
	if err != nil {
		return fmt.Errorf("making a delete marker: %w", err)
	}
	began := time.Now()
	for time.Since(began) < e.options.patience && ctx.Err() == nil {
		page, err := e.site.s3(e.site.destination.Region).ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
			Bucket: aws.String(bucketOf(e.site.destination)), Prefix: &good.key,
		})
		if err != nil {
			return fmt.Errorf("looking for a delete marker: %w", err)
		}
		for _, marker := range page.DeleteMarkers {
			if aws.ToString(marker.Key) == good.key {
				same := aws.ToString(marker.VersionId) == aws.ToString(made.VersionId)
				e.answer(askMarker, yesIf(same), "replicated after %s", time.Since(began).Round(100*time.Millisecond))
				return nil
			}
		}
		pause(ctx, e.options.settle/20)
	}
	e.answer(askMarker, unknown, "no delete marker was replicated within %s", time.Since(began).Round(time.Second))
	return ctx.Err()
}

// metrics that S3 publishes for a rule without replication time control.
var metrics = []string{"ReplicationLatency", "OperationsPendingReplication", "BytesPendingReplication", "OperationsFailedReplication"}

// watchMetrics waits for metrics in both regions until all unconditional ones have
// been seen, or the time is up.
func (e *experiment) watchMetrics(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil && !e.seen(metrics[0]) {
			for _, region := range []string{e.site.source.Region, e.site.destination.Region} {
				e.look(ctx, region)
			}
			pause(ctx, e.options.settle/3)
		}
	}()
	return done
}

func (e *experiment) seen(metric string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.visible[metric+" "+e.site.source.Region].IsZero() || !e.visible[metric+" "+e.site.destination.Region].IsZero()
}

// look reads the metrics of a region. Failed requests are repeated.
func (e *experiment) look(ctx context.Context, region string) {
	var queries []cwtypes.MetricDataQuery
	for i, metric := range metrics {
		queries = append(queries, cwtypes.MetricDataQuery{
			Id: aws.String(fmt.Sprintf("m%d", i)),
			MetricStat: &cwtypes.MetricStat{
				Period: aws.Int32(60), Stat: aws.String("Maximum"),
				Metric: &cwtypes.Metric{Namespace: aws.String("AWS/S3"), MetricName: &metric, Dimensions: []cwtypes.Dimension{
					{Name: aws.String("SourceBucket"), Value: aws.String(bucketOf(e.site.source))},
					{Name: aws.String("DestinationBucket"), Value: aws.String(bucketOf(e.site.destination))},
					{Name: aws.String("RuleId"), Value: aws.String(ruleID)},
				}},
			},
		})
	}
	answer, err := e.site.cw(region).GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		MetricDataQueries: queries, StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Minute)),
	})
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, found := range answer.MetricDataResults {
		for i, metric := range metrics {
			if name := metric + " " + region; aws.ToString(found.Id) == fmt.Sprintf("m%d", i) && len(found.Values) > 0 && e.visible[name].IsZero() {
				e.visible[name] = time.Now()
			}
		}
	}
}

func (e *experiment) judgeMetrics() {
	e.mu.Lock()
	var places []string
	var first time.Time
	for _, metric := range metrics {
		for _, region := range []string{e.site.source.Region, e.site.destination.Region} {
			if at := e.visible[metric+" "+region]; !at.IsZero() {
				places = append(places, metric+": "+region)
				if first.IsZero() || at.Before(first) {
					first = at
				}
			}
		}
	}
	firstPut, arrival := e.firstPut, e.firstArrival
	e.mu.Unlock()
	switch {
	case len(places) == 0 && arrival.IsZero():
		e.answer(askMetricLag, unknown, "no object was replicated")
		e.answer(askMetricPlace, unknown, "no object was replicated")
	case len(places) == 0:
		e.answer(askMetricLag, unknown, "none was available %s after the first object was replicated", time.Since(arrival).Round(time.Second))
		e.answer(askMetricPlace, unknown, "none was available")
	default:
		e.answer(askMetricLag, fmt.Sprintf("%.0f", max(0, first.Sub(arrival).Seconds())), "the first object was put %s before", first.Sub(firstPut).Round(time.Second))
		e.answer(askMetricPlace, strings.Join(places, "; "), "one account only: where they are across accounts is not asked; OperationsFailedReplication is published after failures only")
	}
}
