// Command crr-canary is the Lambda function of a canary. It is built for
// Lambda by the program that deploys it.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/crr-io/pulumi-aws-crr/internal/canary"
	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
)

func main() {
	handle, err := prepare(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "crr-canary:", err)
		os.Exit(1)
	}
	lambda.Start(handle)
}

func prepare(ctx context.Context) (func(context.Context, heartbeat.Call) error, error) {
	watched, err := heartbeat.Parse(os.Getenv(heartbeat.Variable))
	if err != nil {
		return nil, err
	}
	credentials, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the function's credentials: %w", err)
	}
	return canary.New(watched, credentials, slog.New(slog.NewJSONHandler(os.Stdout, nil))).Handle, nil
}
