// Package fakeaws is a minimal emulator for tests of the local AWS itself. It keeps
// buckets, their versioning and objects in memory, and has the callers and IAM
// details that a test sets.
package fakeaws

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// Account is the account of access keys that the emulator doesn't know.
const Account = "123456789012"

// Emulator is an [http.Handler] that acts as an emulator.
type Emulator struct {
	// Callers are ARNs by access key.
	Callers map[string]string
	// IAM is the content of GetAccountAuthorizationDetailsResult.
	IAM string
	// KeyPolicy is the policy of every KMS key. If it is empty, there are no keys.
	KeyPolicy string
	// PublicAccessBlock is the content of every bucket's configuration.
	PublicAccessBlock string

	mu         sync.Mutex
	versioning map[string]string
	objects    map[string][]byte
	requests   []*http.Request
}

// New returns an empty emulator.
func New() *Emulator {
	return &Emulator{Callers: map[string]string{}, versioning: map[string]string{}, objects: map[string][]byte{}}
}

// AddBucket creates a bucket with a versioning state.
func (e *Emulator) AddBucket(name, versioning string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.versioning[name] = versioning
}

// Requests returns the requests except those about callers, IAM and the description
// of keys.
func (e *Emulator) Requests() []*http.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*http.Request(nil), e.requests...)
}

var accessKey = regexp.MustCompile(`Credential=([^/]+)/`)

// ServeHTTP handles STS, IAM and a little of S3.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/moto-api/data.json":
		_, _ = io.WriteString(w, "{}")
	case r.URL.Path == "/moto-api/reset":
		e.mu.Lock()
		defer e.mu.Unlock()
		clear(e.versioning)
		clear(e.objects)
	case strings.HasPrefix(r.Host, "sts."):
		e.sayWhoCalls(w, r)
	case strings.HasPrefix(r.Host, "iam."):
		answer(w, http.StatusOK, "<R><GetAccountAuthorizationDetailsResult>"+e.IAM+"</GetAccountAuthorizationDetailsResult></R>")
	case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeKey"), strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetKeyPolicy"):
		e.describeKey(w)
	default:
		e.serveS3(w, r)
	}
}

func (e *Emulator) describeKey(w http.ResponseWriter) {
	if e.KeyPolicy == "" {
		answer(w, http.StatusBadRequest, `{"__type": "NotFoundException"}`)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"KeyMetadata": map[string]string{"KeyId": "k", "Arn": "arn:aws:kms:us-east-1:" + Account + ":key/k", "KeyState": "Enabled"}, "Policy": e.KeyPolicy,
	})
}

func (e *Emulator) sayWhoCalls(w http.ResponseWriter, r *http.Request) {
	arn := "arn:aws:sts::" + Account + ":user/moto"
	if match := accessKey.FindStringSubmatch(r.Header.Get("Authorization")); match != nil && e.Callers[match[1]] != "" {
		arn = e.Callers[match[1]]
	}
	answer(w, http.StatusOK, fmt.Sprintf("<R><GetCallerIdentityResult><Arn>%s</Arn><UserId>id</UserId><Account>%s</Account></GetCallerIdentityResult></R>",
		arn, strings.Split(arn, ":")[4]))
}

func (e *Emulator) serveS3(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, r)
	bucket, key := split(r)
	versioning, exists := e.versioning[bucket]
	switch {
	case r.Method == http.MethodPut && key == "" && r.URL.RawQuery == "":
		e.versioning[bucket] = ""
	case !exists:
		answer(w, http.StatusNotFound, "<Error><Code>NoSuchBucket</Code></Error>")
	case r.URL.Query().Has("publicAccessBlock") && e.PublicAccessBlock == "":
		answer(w, http.StatusNotFound, "<Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error>")
	case r.URL.Query().Has("publicAccessBlock"):
		answer(w, http.StatusOK, "<PublicAccessBlockConfiguration>"+e.PublicAccessBlock+"</PublicAccessBlockConfiguration>")
	case r.URL.Query().Has("versioning") && r.Method == http.MethodGet:
		answer(w, http.StatusOK, "<VersioningConfiguration><Status>"+versioning+"</Status></VersioningConfiguration>")
	case r.URL.Query().Has("versioning"):
		var wanted struct{ Status string }
		_ = xml.Unmarshal(body, &wanted) // a malformed request suspends versioning
		e.versioning[bucket] = wanted.Status
	case r.URL.Query().Has("delete"):
		answer(w, http.StatusOK, "<DeleteResult><Deleted/>"+string(body)+"</DeleteResult>")
	case r.Method == http.MethodDelete && key == "":
		delete(e.versioning, bucket)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut:
		e.objects[bucket+"/"+key] = body
	case r.Method == http.MethodGet:
		_, _ = w.Write(e.objects[bucket+"/"+key])
	}
}

// split returns the bucket and the key of a path-style or virtual-hosted request.
func split(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if bucket, _, virtual := strings.Cut(r.Host, ".s3."); virtual {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func answer(w http.ResponseWriter, status int, document string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, document)
}
