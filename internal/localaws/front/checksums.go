package front

import (
	"encoding/base64"
	"hash/crc64"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
)

const (
	checksumPrefix   = "X-Amz-Checksum-"
	checksumHeader   = checksumPrefix + "Crc64nvme"
	checksumType     = checksumPrefix + "Type"
	checksumWhole    = "FULL_OBJECT"
	checksumTextSize = 12 // of 8 bytes in base64
)

// crc64NVME is the table of S3's default checksum.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
var crc64NVME = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// summing returns a function for the checksum of an upload once it was sent. It
// returns nil if the client sends a checksum, or sends the object in signed chunks.
func summing(r *http.Request) func() string {
	for name := range r.Header {
		if strings.HasPrefix(name, checksumPrefix) {
			return nil
		}
	}
	if r.Header.Get("X-Amz-Trailer") != "" || r.Header.Get("X-Amz-Sdk-Checksum-Algorithm") != "" ||
		strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return nil
	}
	sum := crc64.New(crc64NVME)
	if r.Body != nil && r.Body != http.NoBody {
		body := r.Body
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(body, sum), body}
	}
	return func() string { return base64.StdEncoding.EncodeToString(sum.Sum(nil)) }
}

func setChecksum(answer http.Header, sum string) {
	answer.Set(checksumHeader, sum)
	answer.Set(checksumType, checksumWhole)
}

// showChecksum adds S3's default checksum to the response if the object has no
// other. The emulator has none, or the wrong one.
func (f *Front) showChecksum(c *call, answer *http.Response) error {
	if c.request.Header.Get("X-Amz-Checksum-Mode") != "ENABLED" || answer.StatusCode != http.StatusOK || answer.Header.Get(customerHeader) != "" {
		return nil
	}
	for name := range answer.Header {
		if strings.HasPrefix(name, checksumPrefix) && name != checksumHeader && name != checksumType && name != checksumPrefix+"Algorithm" {
			return nil
		}
	}
	if len(answer.Header.Get(checksumHeader)) == checksumTextSize {
		return nil
	}
	var query url.Values
	if version := c.version(); version != "" {
		query = url.Values{"versionId": {f.replicator.EmulatedVersion(c.named())}}
	}
	host, path := emulator.ObjectAddress(c.bucket, c.key)
	sum := crc64.New(crc64NVME)
	status, err := f.backend.client.Copy(c.request.Context(), sum, emulator.Question{
		Method: http.MethodGet, Host: host, Path: path, Query: query.Encode(), Service: "s3", Region: c.regionOrDefault(), AccessKey: f.actingKey(c),
	})
	if err != nil || status != http.StatusOK {
		return err
	}
	setChecksum(answer.Header, base64.StdEncoding.EncodeToString(sum.Sum(nil)))
	return nil
}
