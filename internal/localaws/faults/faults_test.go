package faults

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNothingFailsByItself(t *testing.T) {
	t.Parallel()
	var set Set
	assert.False(t, set.Any())
	assert.NoError(t, set.Inject(t.Context(), "us-east-1", "PutObject"))
	assert.Equal(t, []Fault{}, set.List())
}

func TestFaultsHitWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault       Fault
		region, api string
		code        string
	}{
		{Fault{Kind: RegionDown, Region: "us-west-2"}, "us-west-2", "PutObject", "ServiceUnavailable"},
		{Fault{Kind: RegionDown, Region: "us-west-2"}, "us-east-1", "PutObject", ""},
		{Fault{Kind: Errors, Rate: 1, API: "putobject"}, "us-east-1", "PutObject", "SlowDown"},
		{Fault{Kind: Errors, Rate: 1, API: "PutObject"}, "us-east-1", "GetObject", ""},
		{Fault{Kind: Errors, Rate: 1, API: "PutObject", Region: "us-west-2"}, "us-east-1", "PutObject", ""},
		{Fault{Kind: Paused}, "us-east-1", "PutObject", ""},
	} {
		var set Set
		added, err := set.Add(c.fault)
		require.NoError(t, err)
		err = set.Inject(t.Context(), c.region, c.api)
		var injected *Injected
		if c.code == "" {
			assert.NoError(t, err)
		} else if assert.ErrorAs(t, err, &injected) {
			assert.Equal(t, c.code, injected.Code)
			assert.Equal(t, http.StatusServiceUnavailable, injected.Status)
		}
		require.NoError(t, set.Clear(added.ID))
		assert.NoError(t, set.Inject(t.Context(), c.region, c.api))
		assert.Error(t, set.Clear(added.ID))
	}
}

func TestErrorRate(t *testing.T) {
	t.Parallel()
	var set Set
	_, err := set.Add(Fault{Kind: Errors, Rate: 0.3})
	require.NoError(t, err)
	failed := 0
	for range 10_000 {
		if set.Inject(t.Context(), "", "") != nil {
			failed++
		}
	}
	assert.InDelta(t, 3000, failed, 300)
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	var set Set
	_, err := set.Add(Fault{Kind: Latency, Delay: 0.01})
	require.NoError(t, err)
	started := time.Now()
	require.NoError(t, set.Inject(t.Context(), "", ""))
	assert.GreaterOrEqual(t, time.Since(started), 10*time.Millisecond)

	_, err = set.Add(Fault{Kind: Latency, Delay: 3600})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, set.Inject(ctx, "", ""), context.DeadlineExceeded)
}

func TestPauseTellsOfItsEnd(t *testing.T) {
	t.Parallel()
	var set Set
	_, changed := set.Paused()
	_, err := set.Add(Fault{Kind: Paused})
	require.NoError(t, err)
	<-changed
	paused, changed := set.Paused()
	assert.True(t, paused("any"))
	assert.False(t, set.Any(), "no call is concerned")
	set.ClearAll()
	<-changed
	paused, _ = set.Paused()
	assert.False(t, paused("any"))

	_, err = set.Add(Fault{Kind: Paused, Bucket: "one"})
	require.NoError(t, err)
	paused, _ = set.Paused()
	assert.True(t, paused("one"))
	assert.False(t, paused("other"))
}

func TestFaultsThatWouldDoNothing(t *testing.T) {
	t.Parallel()
	set := Set{Replicating: func() []string { return []string{"photos-4711", "invoices"} }}
	for message, fault := range map[string]Fault{
		"delay":                                    {Kind: Latency},
		"rate":                                     {Kind: Errors, Rate: 1.5},
		"which region":                             {Kind: RegionDown},
		"there is no fault":                        {Kind: "flood"},
		`"mars" is not an AWS region; name one`:    {Kind: RegionDown, Region: "mars"},
		"did you mean us-west-2?":                  {Kind: RegionDown, Region: "us-wset-2"},
		`is called "nonsense"; name one of S3`:     {Kind: Latency, Delay: 1, API: "nonsense"},
		"did you mean PutObject?":                  {Kind: Latency, Delay: 1, API: "PutObjekt"},
		"did you mean DescribeKey?":                {Kind: Errors, Rate: 1, API: "DescribeKeys"},
		"did you mean ReplicateObject?":            {Kind: Errors, Rate: 1, API: "ReplicateObjects"},
		`"nosuch"; there is invoices, photos-4711`: {Kind: Paused, Bucket: "nosuch"},
		"did you mean photos-4711?":                {Kind: Paused, Bucket: "photos-4712"},
	} {
		_, err := set.Add(fault)
		assert.ErrorContains(t, err, message)
	}
	assert.Empty(t, set.List())
	_, err := set.Add(Fault{Kind: Paused, Bucket: "invoices"})
	assert.NoError(t, err)
	set.Replicating = func() []string { return nil }
	_, err = set.Add(Fault{Kind: Paused, Bucket: "invoices"})
	assert.ErrorContains(t, err, "no bucket has a replication configuration")
}

// Every operation that this product calls is a valid API of a fault.
func TestOperationsAreThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	for _, client := range []any{&cloudtrail.Client{}, &cloudwatch.Client{}, &iam.Client{}, &kms.Client{}, &sqs.Client{}, &sts.Client{}} {
		methods := reflect.TypeOf(client)
		for i := range methods.NumMethod() {
			method := methods.Method(i)
			known := method.Name == "Options" || slices.Contains(operations, method.Name)
			assert.True(t, known, "operations.txt lacks %s", method.Name)
		}
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	var set Set
	server := httptest.NewServer(set.Handler())
	defer server.Close()
	call := func(method, path, body string, into any) int {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		answer, err := server.Client().Do(request)
		require.NoError(t, err)
		if into != nil {
			assert.NoError(t, json.NewDecoder(answer.Body).Decode(into))
		}
		return errorStatus(answer.StatusCode, answer.Body.Close())
	}
	var added Fault
	assert.Equal(t, http.StatusCreated, call("POST", Path, `{"kind":"latency","delaySeconds":0.5}`, &added))
	assert.Equal(t, 500*time.Millisecond, added.Delay.Duration())
	var list []Fault
	assert.Equal(t, http.StatusOK, call("GET", Path, "", &list))
	assert.Equal(t, []Fault{added}, list)
	var refusal Refusal
	assert.Equal(t, http.StatusBadRequest, call("POST", Path, `{"kind":"errors"}`, &refusal))
	assert.Contains(t, refusal.Error, "rate")
	assert.Equal(t, http.StatusBadRequest, call("POST", Path, `{"kind":"pause","for":"ever"}`, &refusal))
	assert.Contains(t, refusal.Error, "unknown field")
	assert.Equal(t, http.StatusNotFound, call("DELETE", Path+"/nobody", "", &refusal))
	assert.Equal(t, http.StatusNoContent, call("DELETE", Path+"/"+added.ID, "", nil))
	assert.Equal(t, http.StatusNoContent, call("DELETE", Path, "", nil))
	assert.Empty(t, set.List())
}

func errorStatus(status int, err error) int {
	if err != nil {
		return 0
	}
	return status
}

func TestInjectedIsAnError(t *testing.T) {
	t.Parallel()
	var err error = &Injected{503, "SlowDown", "Please reduce your request rate."}
	assert.EqualError(t, errors.Join(err), "SlowDown: Please reduce your request rate.")
}
