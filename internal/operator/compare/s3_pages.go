package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// mostOfAPage is how large an answer is at most: 1,000 keys of 1,024 bytes, each
// of which may take six in XML, and what is said of each.
const mostOfAPage = 16 << 20

// parsePages reads the answers to list calls into a page, in the place of the
// SDK, which gets an empty one. The SDK still signs, retries, and reads errors.
func parsePages(page *Page) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("ParsePages", func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (middleware.DeserializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			response, ok := out.RawResponse.(*smithyhttp.Response)
			if err != nil || !ok || response.StatusCode != http.StatusOK {
				return out, metadata, err
			}
			*page, err = readPage(response)
			return out, metadata, err
		}), middleware.After)
	}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readPage takes the body of an answer, and leaves an empty list in its place.
func readPage(response *smithyhttp.Response) (Page, error) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	_, err := buffer.ReadFrom(io.LimitReader(response.Body, mostOfAPage))
	closed := response.Body.Close()
	response.Body = io.NopCloser(strings.NewReader("<Page/>"))
	if err := errors.Join(err, closed); err != nil {
		return Page{}, broken{err}
	}
	page, err := parsePage(buffer.String())
	if err != nil {
		return Page{}, broken{err}
	}
	page.compact()
	return page, nil
}

// broken is an answer that was cut off or garbled on its way: worth another
// attempt.
type broken struct{ error }

// RetryableError makes the SDK retry.
func (broken) RetryableError() bool { return true }

func (b broken) Error() string { return fmt.Sprintf("reading a page: %v", b.error) }

func (b broken) Unwrap() error { return b.error }
