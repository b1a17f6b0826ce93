package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// The limits of a configuration in XML. S3 takes 2 MB, and a rule has at most 40
// elements.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
const (
	maxXML      = 2 << 20
	maxElements = 100_000
)

// readXML reads the XML of S3: a configuration, or an error. An element that S3
// does not have is refused, since an answer that leaves it out could be wrong.
func readXML(data []byte) (s3config.Configuration, error) {
	if len(data) > maxXML {
		return s3config.Configuration{}, fmt.Errorf("it is larger than the %d MB that S3 takes", maxXML>>20)
	}
	decoder := xml.NewDecoder(bytes.NewReader(data))
	open := []reflect.Type{reflect.TypeFor[struct {
		ReplicationConfiguration s3config.Configuration
		Error                    struct{ Code, Message, Resource, RequestId, HostId, BucketName string }
	}]()}
	rules := 0
	for elements := 0; elements < maxElements && rules <= maxRules; {
		token, err := decoder.Token()
		switch {
		case errors.Is(err, io.EOF):
			return decodeXML(data)
		case err != nil:
			return s3config.Configuration{}, fmt.Errorf("it is not XML: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements++
			inner, known := childOf(open[len(open)-1], token.Name.Local)
			if !known {
				return s3config.Configuration{}, fmt.Errorf("it has the element %s, which S3 has not there", token.Name.Local)
			}
			open = append(open, inner)
			if token.Name.Local == "Rule" {
				rules++
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	return s3config.Configuration{}, fmt.Errorf("it has more than %d rules or %d elements; S3 takes 1000 rules", maxRules, maxElements)
}

func decodeXML(data []byte) (s3config.Configuration, error) {
	var failure struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
	}
	if xml.Unmarshal(data, &failure) == nil {
		return s3config.Configuration{}, &AWSError{failure.Code}
	}
	return s3config.ParseXML(data)
}

// childOf is the type of the element of a name in a struct.
func childOf(parent reflect.Type, name string) (reflect.Type, bool) {
	if parent.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range parent.NumField() {
		field := parent.Field(i)
		element, _, _ := strings.Cut(field.Tag.Get("xml"), ",")
		if field.Name == "XMLName" || name != element && (element != "" || name != field.Name) {
			continue
		}
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		return inner, true
	}
	return nil, false
}
