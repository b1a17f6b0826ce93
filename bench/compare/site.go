package main

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // ETags are
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/cannedlist"
)

// generated is a bucket whose objects are generated while they are listed: 1,000 in
// each folder, with spread modification times.
type generated struct {
	keys int
	// length is the minimum length of keys.
	length int
	// replica has other ETags than its source.
	replica bool
}

func (g generated) Len() int { return g.keys }

func (g generated) At(i int) cannedlist.Object {
	key := fmt.Sprintf("events/%06d/part-%05d.parquet", i/1000, i%1000)
	key += strings.Repeat("x", max(0, g.length-len(key)))
	text := strconv.Itoa(i)
	content := text
	if g.replica {
		content += " encrypted with another key"
	}
	sum := md5.Sum([]byte(content)) //nolint:gosec // an ETag
	return cannedlist.Object{
		Key: key, Version: "v" + text, ETag: hex.EncodeToString(sum[:]),
		Size: int64(i), Current: true,
	}
}

// site is a server with two equal buckets, and the programs that compare them.
type site struct {
	dir, crr, rclone string
	lists            *cannedlist.Server
	server           *httptest.Server
}

// newSite builds both contestants. The working directory must be the root of the
// repository.
func newSite(ctx context.Context, objects generated, kms bool) (*site, error) {
	dir, err := os.MkdirTemp("", "crr-bench")
	if err != nil {
		return nil, err
	}
	replicas := objects
	replicas.replica = kms
	lists := &cannedlist.Server{Buckets: map[string]cannedlist.Bucket{"data": objects, "data-dr": replicas}}
	s := &site{dir: dir, crr: filepath.Join(dir, "crr"), rclone: filepath.Join(dir, "rclone"), lists: lists, server: httptest.NewServer(lists)}
	for folder, program := range map[string]string{"cmd/crr": s.crr, "bench/rclone": s.rclone} {
		build := exec.CommandContext(ctx, "go", "build", "-o", program, ".")
		build.Dir = folder
		if output, err := build.CombinedOutput(); err != nil {
			s.close()
			return nil, fmt.Errorf("building %s: %w\n%s", folder, err, output)
		}
	}
	text := descriptor
	if kms {
		text = strings.NewReplacer(`"us-east-1", `, `"us-east-1", "kmsKeyArn": "arn:aws:kms:us-east-1:111111111111:key/source", `,
			`"us-west-2", `, `"us-west-2", "kmsKeyArn": "arn:aws:kms:us-west-2:111111111111:key/dr", `).Replace(text)
	}
	return s, os.WriteFile(filepath.Join(dir, "descriptor.json"), []byte(text), 0o600)
}

func (s *site) close() {
	s.server.Close()
	_ = os.RemoveAll(s.dir)
}

const descriptor = `{"version": 1, "name": "data", "direction": "one-way", "roleArn": "arn:aws:iam::111111111111:role/replication",
"source": {"name": "source", "bucket": "data", "arn": "arn:aws:s3:::data", "region": "us-east-1", "accountId": "111111111111"},
"destinations": [{"name": "dr", "bucket": "data-dr", "arn": "arn:aws:s3:::data-dr", "region": "us-west-2", "accountId": "111111111111"}],
"rules": [{"id": "dr", "priority": 1, "destination": "dr", "prefix": "", "status": "Enabled", "deleteMarkers": true, "metrics": true}]}`

type contestant struct {
	name    string
	command []string
}

// contestants are crr, with the comparisons that both programs support and with its
// own, and rclone with its defaults and with the settings that its manual calls
// fast.
func (s *site) contestants() []contestant {
	ours := []string{s.crr, "compare", "--descriptor", filepath.Join(s.dir, "descriptor.json")}
	theirs := []string{s.rclone, "check", "s3:data", "s3:data-dr", "--size-only", "--config", filepath.Join(s.dir, "none"), "-q"}
	return []contestant{
		{"crr compare --current", append(ours, "--current")},
		{"rclone check", theirs},
		{"rclone check --fast-list", append(theirs[:len(theirs):len(theirs)], "--fast-list")},
		{"rclone check --checkers 32", append(theirs[:len(theirs):len(theirs)], "--checkers", "32")},
		{"crr compare", ours},
	}
}

// result is the measurement of one run.
type result struct {
	wall, cpu time.Duration
	memory    int64 // maximum, in bytes
	calls     int64
}

func (s *site) measure(ctx context.Context, c contestant) (result, error) {
	command := exec.CommandContext(ctx, c.command[0], c.command[1:]...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	command.Env = append(os.Environ(),
		"AWS_ACCESS_KEY_ID=canned", "AWS_SECRET_ACCESS_KEY=canned", "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL="+s.server.URL, "AWS_EC2_METADATA_DISABLED=true",
		"RCLONE_CONFIG_S3_TYPE=s3", "RCLONE_CONFIG_S3_PROVIDER=AWS", "RCLONE_CONFIG_S3_ENV_AUTH=true", "RCLONE_CONFIG_S3_ENDPOINT="+s.server.URL,
		"RCLONE_CONFIG_S3_FORCE_PATH_STYLE=true")
	before, began := s.lists.Calls.Load(), time.Now()
	if err := command.Run(); err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", strings.Join(c.command, " "), err, output.String())
	}
	took := time.Since(began)
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	return result{
		wall: took, cpu: command.ProcessState.UserTime() + command.ProcessState.SystemTime(),
		memory: usage.Maxrss << 10, calls: s.lists.Calls.Load() - before,
	}, nil
}
