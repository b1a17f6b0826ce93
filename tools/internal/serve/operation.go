package serve

import (
	"context"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// operation is one call of the engine. It travels in the context through the
// bridge to the calls that the bridge makes of the Terraform provider, and brings
// back what the bridge has no place for.
type operation struct {
	urn         string
	timeout     time.Duration // 0: Terraform's own
	keepPartial bool          // a resource that was made but failed is to be kept
	failure     error         // why it failed, when one was kept
}

type operationKey struct{}

func with(ctx context.Context, op *operation) context.Context {
	return context.WithValue(ctx, operationKey{}, op)
}

// of is the operation that ctx belongs to; never nil.
func of(ctx context.Context) *operation {
	if op, ok := ctx.Value(operationKey{}).(*operation); ok {
		return op
	}
	return &operation{}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// initFailed tells the engine that the resource exists, as created says, and that
// it failed: it is kept in the state, and the next update tries to mend it.
func initFailed(created *pulumirpc.CreateResponse, failure error) error {
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, failure.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id:         created.GetId(),
		Properties: created.GetProperties(),
		Reasons:    []string{failure.Error()},
	})
}
