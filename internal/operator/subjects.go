package operator

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// SubjectSource says where the replications to ask about come from. The first
// that is set is taken.
type SubjectSource struct {
	// Configurations are files with the JSON of get-bucket-replication. Before
	// the file, the name of the source bucket may be given: "my-bucket=file".
	// "-" is standard input.
	Configurations []string
	// Descriptor of a deployment.
	Descriptor DescriptorSource
}

// Subjects reads the replications.
func Subjects(ctx context.Context, from SubjectSource) ([]replication.Subject, error) {
	if len(from.Configurations) > 0 {
		return configurationSubjects(from.Configurations, from.Descriptor.Input)
	}
	descriptors, err := Descriptors(ctx, from.Descriptor)
	if err != nil {
		return nil, err
	}
	var subjects []replication.Subject
	for _, descriptor := range descriptors {
		subjects = append(subjects, descriptor.Subjects()...)
	}
	return subjects, nil
}

func configurationSubjects(files []string, stdin io.Reader) ([]replication.Subject, error) {
	subjects := make([]replication.Subject, len(files))
	for i, text := range files {
		bucket, file := nameAndFile(text)
		data, err := readFile(file, stdin)
		if err != nil {
			return nil, fmt.Errorf("reading the replication configuration: %w", err)
		}
		subjects[i].Configuration, err = replication.ParseConfigurationJSON(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		subjects[i].Facts.Source.Bucket = bucket
		// S3 takes a role of the bucket's own account only.
		subjects[i].Facts.Source.Account = replication.AccountOf(subjects[i].Configuration.Role)
		if len(files) > 1 {
			subjects[i].Name = bucket
			if bucket == "" {
				return nil, fmt.Errorf("--replication %s: with several files, name the source bucket of each: my-bucket=%s", text, file)
			}
		}
	}
	return subjects, nil
}

// nameAndFile takes "name=file" apart. A file may have such a name itself.
func nameAndFile(text string) (name, file string) {
	before, after, named := strings.Cut(text, "=")
	if _, err := os.Stat(text); !named || err == nil {
		return "", text
	}
	return before, after
}

func readFile(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return input.All("standard input", stdin)
	}
	return input.File(file)
}

// Pick returns the one replication of a name. An empty name is the only one; of
// a two-way one, the way there.
func Pick(subjects []replication.Subject, name string) (replication.Subject, error) {
	ways := slices.DeleteFunc(slices.Clone(subjects), func(s replication.Subject) bool { return s.WayBackOf != "" })
	if name == "" && len(ways) == 1 {
		return ways[0], nil
	}
	var names []string
	for _, subject := range subjects {
		if subject.Name == name {
			return subject, nil
		}
		names = append(names, subject.Name)
	}
	list := strings.Join(names, ", ")
	if name == "" {
		return replication.Subject{}, fmt.Errorf("there are several replications; pick one with --replication-name: %s", list)
	}
	return replication.Subject{}, fmt.Errorf("there is no replication %q; there is %s", name, list)
}
