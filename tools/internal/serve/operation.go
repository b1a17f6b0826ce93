package serve

import (
	"context"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// operation is one call of the engine. The context carries it through the bridge to
// the calls of the Terraform provider, and it returns results for which the bridge
// has no field.
type operation struct {
	urn         string
	timeout     time.Duration // 0: Terraform's own
	keepPartial bool          // a resource whose creation failed is to be kept
	failure     error         // why the creation of a kept resource failed
}

type operationKey struct{}

func with(ctx context.Context, op *operation) context.Context {
	return context.WithValue(ctx, operationKey{}, op)
}

// of returns the operation in ctx; never nil.
func of(ctx context.Context) *operation {
	if op, ok := ctx.Value(operationKey{}).(*operation); ok {
		return op
	}
	return &operation{}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// initFailed returns an error with which the engine keeps the created resource in
// the state as failed: the next update tries to repair it.
func initFailed(created *pulumirpc.CreateResponse, failure error) error {
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, failure.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id:         created.GetId(),
		Properties: created.GetProperties(),
		Reasons:    []string{failure.Error()},
	})
}
