// Package bucketowner has S3 refuse requests on buckets of unexpected owners.
package bucketowner

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
)

// Expect is an option of S3's client that names the account that owns the buckets
// of all calls. S3 refuses a request on a bucket of another owner: one whose name
// was taken after the bucket was deleted is neither read nor written. An empty
// account expects none.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
func Expect(account string) func(*s3.Options) {
	return func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(expect(account), middleware.Before)
		})
	}
}

// expect sets the parameter ExpectedBucketOwner of every call that has it.
func expect(owner string) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("ExpectedBucketOwner", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		if owner != "" {
			parameters := reflect.ValueOf(in.Parameters)
			if parameters.Kind() != reflect.Pointer || parameters.IsNil() {
				return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("a call of S3 whose parameters are %T", in.Parameters)
			}
			if field := parameters.Elem().FieldByName("ExpectedBucketOwner"); field.IsValid() && field.IsNil() {
				// The caller's parameters stay as they are: they may be used again.
				changed := reflect.New(parameters.Elem().Type())
				changed.Elem().Set(parameters.Elem())
				changed.Elem().FieldByName("ExpectedBucketOwner").Set(reflect.ValueOf(&owner))
				in.Parameters = changed.Interface()
			}
		}
		return next.HandleInitialize(ctx, in)
	})
}
