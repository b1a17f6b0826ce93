package s3config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ParseJSON reads a replication configuration as the AWS CLI
// prints it (aws s3api get-bucket-replication) and takes it
// (put-bucket-replication): with ReplicationConfiguration around it, or
// without. A field that S3 does not have is an error, since an answer that
// leaves it out could be wrong. The content is not judged: see
// [Configuration.Check].
// https://docs.aws.amazon.com/cli/latest/reference/s3api/get-bucket-replication.html
func ParseJSON(data []byte) (Configuration, error) {
	var outer struct {
		ReplicationConfiguration json.RawMessage
	}
	if err := json.Unmarshal(data, &outer); err != nil {
		return Configuration{}, fmt.Errorf("reading a replication configuration: this is not the JSON of one: %w", err)
	}
	if outer.ReplicationConfiguration != nil {
		data = outer.ReplicationConfiguration
	}
	var configuration Configuration
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&configuration); err != nil {
		return Configuration{}, fmt.Errorf("reading a replication configuration: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Configuration{}, errors.New("reading a replication configuration: something follows the document")
	}
	if configuration.Role == "" && len(configuration.Rules) == 0 {
		return Configuration{}, errors.New("reading a replication configuration: there is neither a Role nor Rules in it; " +
			"give what `aws s3api get-bucket-replication --bucket NAME` prints")
	}
	return configuration, nil
}
