package front

import (
	"cmp"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/alarms"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/lambda"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/proxy"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/signature"
)

// Front is the handler for all requests to AWS.
type Front struct {
	backend   *backend
	callers   *callers
	buckets   *buckets
	rotations *rotations
	uploads   *uploads
	logging   *functionLogging
	handlers  map[string]handler
	accounts  *emulator.Accounts
	messages  *messenger.Messenger
	log       *slog.Logger
	faults    *faults.Set

	replicator Replicator
	alarms     *alarms.Service
	functions  *lambda.Service
	generation generation
	details    detailsCache
	keyFacts   keyCache
	harsh      bool
	notifies   bool
	settling   settling
	targets    targets
	keys       *signature.Keys // nil: signatures are not checked
}

// handler handles an authorized operation. Its error becomes S3's response.
type handler func(http.ResponseWriter, *call) error

// New returns a front for the emulator at an address. The faults are injected into
// its responses.
func New(address *url.URL, injected *faults.Set, log *slog.Logger) *Front {
	b := newBackend(address, log)
	accounts := emulator.NewAccounts(b.client)
	f := &Front{
		accounts: accounts,
		backend:  b, callers: newCallers(b), rotations: newRotations(), uploads: newUploads(), logging: newFunctionLogging(), log: log, faults: injected, replicator: noop{},
	}
	f.messages = messenger.New(b.client, accounts, func(functionARN string, payload []byte) {
		if f.functions != nil {
			f.functions.Go(functionARN, payload)
		}
	})
	f.buckets = newBuckets(&f.generation)
	f.handlers = map[string]handler{
		"":                                   methodNotAllowed, // no operation has that name
		"CreateBucket":                       f.createBucket,
		"DeleteBucket":                       f.deleteBucket,
		"DeleteObjects":                      f.deleteObjects,
		"GetBucketLifecycleConfiguration":    f.getBucketLifecycle,
		"PutBucketLifecycleConfiguration":    f.putBucketLifecycle,
		"DeleteBucketLifecycle":              f.deleteBucketLifecycle,
		"GetBucketEncryption":                f.getBucketEncryption,
		"PutBucketEncryption":                f.putBucketEncryption,
		"DeleteBucketEncryption":             f.deleteBucketEncryption,
		"GetBucketLogging":                   f.getBucketLogging,
		"PutBucketLogging":                   f.putBucketLogging,
		"GetBucketPolicy":                    f.getBucketPolicy,
		"GetBucketPolicyStatus":              f.getBucketPolicyStatus,
		"PutBucketPolicy":                    f.putBucketPolicy,
		"DeleteBucketPolicy":                 f.deleteBucketPolicy,
		"GetBucketRequestPayment":            f.getBucketRequestPayment,
		"PutBucketRequestPayment":            f.putBucketRequestPayment,
		"GetBucketReplication":               f.getBucketReplication,
		"GetBucketNotificationConfiguration": f.getBucketNotification,
		"PutBucketNotificationConfiguration": f.putBucketNotification,
		"PutBucketReplication":               f.putBucketReplication,
		"DeleteBucketReplication":            f.deleteBucketReplication,
		"PutBucketVersioning":                f.putBucketVersioning,
	}
	maps.Copy(f.handlers, f.objectHandlers())
	maps.Copy(f.handlers, f.namedHandlers())
	for _, name := range unsupported {
		f.handlers[name] = notImplemented
	}
	return f
}

// ServeHTTP handles a request as AWS would.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	defer func() {
		f.log.Debug("request", "method", r.Method, "host", r.Host, "url", r.URL.String(), "took", time.Since(started))
	}()
	stripEmulated(r)
	if strings.HasPrefix(r.URL.Path, "/moto-api") {
		http.Error(w, "crr local AWS: this path is reserved for the emulator", http.StatusForbidden)
		return
	}
	target, ok := parseTarget(r)
	if !ok {
		f.serveOther(w, r)
		return
	}
	c := newCall(r, target)
	if err := f.serve(w, c); err != nil {
		c.refuse(w, f.log, err)
	}
}

// serveOther handles all services except S3. Internal errors are server errors,
// which the client may retry.
func (f *Front) serveOther(w http.ResponseWriter, r *http.Request) {
	err := f.serveService(w, r)
	if err == nil {
		return
	}
	var known *fault
	if !errors.As(err, &known) {
		f.log.Warn("a request failed", "host", r.Host, "target", r.Header.Get("X-Amz-Target"), "error", err)
		known = &fault{http.StatusInternalServerError, "InternalFailure", err.Error()}
	}
	answerRefused(w, r, known, known)
}

// plainHost returns the host of a service without FIPS, in the domain that the
// emulator supports. https://docs.aws.amazon.com/general/latest/gr/rande.html
func plainHost(host string) string {
	host = strings.Replace(host, "-fips.", ".", 1)
	if name, ok := strings.CutSuffix(proxy.Hostname(host), ".api.aws"); ok {
		return name + ".amazonaws.com"
	}
	return host
}

func (f *Front) serveService(w http.ResponseWriter, r *http.Request) error {
	if refused, err := f.checkOther(w, r); refused || err != nil {
		return err
	}
	r.Host = plainHost(r.Host)
	if err := inflate(r); err != nil {
		return err
	}
	if injected, err := f.injectOther(w, r); injected || err != nil {
		return err
	}
	r, release := outlive(r)
	defer release()
	if refused, err := f.authorizeOther(w, r); refused || err != nil {
		return err
	}
	if refused, err := f.refuseUnsafe(w, r); refused || err != nil {
		return err
	}
	if refused, err := refuseMalformedTrust(w, r); refused || err != nil {
		return err
	}
	if refused, err := f.refuseHarshly(w, r); refused || err != nil {
		return err
	}
	if served, err := f.serveAlarms(w, r); served || err != nil {
		return err
	}
	if served, err := f.serveFunctions(w, r); served || err != nil {
		return err
	}
	if refused, err := f.refuseLockout(w, r); refused || err != nil {
		return err
	}
	if answered, err := f.reachForeignKey(w, r); answered || err != nil {
		return err
	}
	if err := nameTrail(r); err != nil {
		return err
	}
	if err := nameKey(r); err != nil {
		return err
	}
	amend, err := f.amendOther(r)
	if err == nil {
		f.forward(w, r, amend)
	}
	return err
}

func (f *Front) amendOther(r *http.Request) (amendment, error) {
	amend, err := f.rotations.amendment(r)
	if err != nil {
		return nil, err
	}
	if amend == nil {
		amend = amendIdentity(r)
	}
	if amend == nil {
		amend = amendQueue(r)
	}
	if amend, err = f.learnKeys(r, amend); err != nil {
		return nil, err
	}
	governs, err := governs(r)
	if governs {
		amend = f.counting(amend)
	}
	return amend, err
}

func (f *Front) serve(w http.ResponseWriter, c *call) error {
	err := f.inject(c)
	if err != nil {
		return err
	}
	request, release := outlive(c.request)
	defer release()
	c.request = request
	ctx := c.request.Context()
	if err := f.checkCall(c); err != nil {
		return err
	}
	if c.operation.name == "PostObject" {
		if err := c.takeForm(); err != nil {
			return err
		}
		if err := f.checkForm(c.form); err != nil {
			return err
		}
	}
	if c.caller, err = f.callers.of(ctx, c.credential()); err != nil {
		return err
	}
	if c.policies, err = f.policiesOf(ctx, c.caller); err != nil {
		return err
	}
	if err := f.authorize(c); err != nil {
		return err
	}
	if err := f.checkExpectedOwners(c); err != nil {
		return err
	}
	if err := f.checkPayer(c); err != nil {
		return err
	}
	if err := cmp.Or(c.checkVersion(), c.checkNumbers()); err != nil {
		return err
	}
	if err := f.checkACL(c); err != nil {
		return err
	}
	if err := f.encrypt(c); err != nil {
		return err
	}
	if handle, ok := f.handlers[c.operation.name]; ok {
		return handle(w, c)
	}
	f.passOn(w, c, nil)
	return nil
}

// passOn forwards a call to the emulator.
func (f *Front) passOn(w http.ResponseWriter, c *call, amend amendment) {
	if c.request.Header.Get("Authorization") == "" {
		c.request.Header.Set("Authorization", authorization(f.actingKey(c), c.regionOrDefault()))
	}
	if !bypassesGovernance(c.request.Header) { // the emulator treats every value as true
		c.request.Header.Del("X-Amz-Bypass-Governance-Retention")
	}
	f.translate(c)
	amend = f.correcting(c, f.translated(c, amend))
	if c.configures() {
		amend = f.counting(amend)
	}
	f.backend.passOn(w, c.request, amend)
}
