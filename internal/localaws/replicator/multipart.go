package replicator

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// copyParts copies an object in the parts of its upload, so that the replica has the
// same ETag. It returns a failure if the source does not exist. The last call
// creates the replica, so that a retry can't create a second one: a lock set on the
// source meanwhile is an event of its own.
func (e *Engine) copyParts(ctx context.Context, o *order) (found bool, err error) {
	head, err := e.s3(ctx, s3Call{
		method: http.MethodHead, object: e.source(o), account: o.source.Account, header: http.Header{"X-Amz-Checksum-Mode": {"ENABLED"}},
	})
	if err != nil || head.Status != http.StatusOK {
		return false, err
	}
	sizes, err := e.partSizes(ctx, o)
	if err != nil {
		return false, err
	}
	upload, err := e.createUpload(ctx, o, head.Header)
	if err != nil {
		return false, err
	}
	var list completion
	offset := int64(0)
	for i, size := range sizes {
		etag, err := e.copyPart(ctx, o, upload, i+1, offset, size)
		if err != nil {
			return false, err
		}
		list.Parts = append(list.Parts, part{Number: i + 1, ETag: etag})
		offset += size
	}
	body, err := xml.Marshal(list)
	if err != nil {
		return false, fmt.Errorf("listing the parts of %s: %w", o.task.event.Object.Key, err)
	}
	answer, err := e.create(ctx, o, s3Call{
		method: http.MethodPost, object: o.target(), account: o.destination.Account, query: url.Values{"uploadId": {upload}}, body: body,
	})
	if err == nil && answer.Status != http.StatusOK {
		err = fmt.Errorf("ending the upload of %s: %w", o.task.event.Object.Key, unexpected("S3", answer))
	}
	return err == nil, err
}

type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []part   `xml:"Part"`
}

type part struct {
	Number int    `xml:"PartNumber"`
	ETag   string `xml:"ETag"`
}

// partSizes reads the size of each part.
func (e *Engine) partSizes(ctx context.Context, o *order) ([]int64, error) {
	var sizes []int64
	for number, count := 1, 1; number <= count; number++ {
		head, err := e.must(ctx, s3Call{
			method: http.MethodHead, object: e.source(o), account: o.source.Account, query: url.Values{"partNumber": {strconv.Itoa(number)}},
		})
		if err != nil {
			return nil, err
		}
		if count, err = strconv.Atoi(head.Header.Get("X-Amz-Mp-Parts-Count")); err != nil {
			return nil, fmt.Errorf("counting the parts of %s: %w", o.task.event.Object.Key, err)
		}
		size, err := strconv.ParseInt(head.Header.Get("Content-Length"), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("measuring part %d of %s: %w", number, o.task.event.Object.Key, err)
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}

// systemMetadata are the headers of an object that clients set with ordinary
// headers.
var systemMetadata = []string{
	"Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control", "Expires",
	"X-Amz-Checksum-Algorithm", "X-Amz-Checksum-Type",
}

func (e *Engine) createUpload(ctx context.Context, o *order, source http.Header) (string, error) {
	header := e.replicaHeader(o, source)
	if !o.keepsACL || len(o.task.event.ACL) == 0 {
		header.Set("X-Amz-Acl", "private") // the emulator fails without it
	}
	for _, name := range systemMetadata {
		if value := source.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	for name, values := range source {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			header[name] = values
		}
	}
	answer, err := e.must(ctx, s3Call{
		method: http.MethodPost, object: o.target(), account: o.destination.Account, query: url.Values{"uploads": {""}}, header: header,
	})
	if err != nil {
		return "", err
	}
	var begun struct {
		UploadID string `xml:"UploadId"`
	}
	if err := xml.Unmarshal(answer.Body, &begun); err != nil {
		return "", fmt.Errorf("beginning the upload of %s: %w", o.task.event.Object.Key, err)
	}
	return begun.UploadID, nil
}

func (e *Engine) copyPart(ctx context.Context, o *order, upload string, number int, offset, size int64) (etag string, err error) {
	answer, err := e.must(ctx, s3Call{
		method: http.MethodPut, object: o.target(), account: o.destination.Account,
		query: url.Values{"uploadId": {upload}, "partNumber": {strconv.Itoa(number)}},
		header: http.Header{
			"X-Amz-Copy-Source":       {copySource(e.source(o))},
			"X-Amz-Copy-Source-Range": {fmt.Sprintf("bytes=%d-%d", offset, offset+size-1)},
		},
	})
	if err != nil {
		return "", err
	}
	var copied struct{ ETag string }
	if err := xml.Unmarshal(answer.Body, &copied); err != nil {
		return "", fmt.Errorf("copying part %d of %s: %w", number, o.task.event.Object.Key, err)
	}
	return copied.ETag, nil
}
