// Heartbeat is a Lambda function for tests that writes each event to a bucket.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	invocations := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	next, err := http.Get(invocations + "next")
	if err != nil {
		os.Exit(1)
	}
	event, _ := io.ReadAll(next.Body)
	id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
	result, text := "response", `"written"`
	if err := write(id, event); err != nil {
		result, text = "error", fmt.Sprintf(`{"errorType":"heartbeat","errorMessage":%q}`, err.Error())
	}
	_, _ = http.Post(invocations+id+"/"+result, "application/json", bytes.NewReader([]byte(text)))
}

func write(key string, event []byte) error {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	bucket := os.Getenv("BUCKET")
	_, err = s3.NewFromConfig(loaded).PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(event)})
	return err
}
