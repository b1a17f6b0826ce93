package front

import (
	"context"
	"net/http"
	"time"
)

// answerPatience is how long the front waits for the emulator after the client has
// disconnected.
const answerPatience = 30 * time.Second

type clientKey struct{}

// outlive returns a request that continues for a while after its client has
// disconnected, unless it only reads. The operation may be complete by then, and the
// front must see the response: AWS replicates an object even if its uploader did not
// wait. The caller must call release when the request has been handled.
func outlive(r *http.Request) (lasting *http.Request, release func()) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r, func() {}
	}
	client := r.Context()
	ctx, cancel := context.WithCancel(context.WithValue(context.WithoutCancel(client), clientKey{}, client))
	stop := context.AfterFunc(client, func() { time.AfterFunc(answerPatience, cancel) })
	return r.WithContext(ctx), func() { stop(); cancel() }
}

// gone reports whether the client of a request has disconnected.
func gone(r *http.Request) bool {
	client, ok := r.Context().Value(clientKey{}).(context.Context)
	return r.Context().Err() != nil || ok && client.Err() != nil
}
