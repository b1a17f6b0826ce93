package operator

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/document"
	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// SubjectSource says where the replications to ask about come from. The first
// that is set is taken.
type SubjectSource struct {
	// Configurations are files with replication configurations, in one of the
	// forms of package document. Before the file, the name of the source bucket may
	// be given: "my-bucket=file". Of several configurations in a file, it names the
	// one. "-" is standard input.
	Configurations []string
	// Descriptor of a deployment.
	Descriptor DescriptorSource
}

// Subjects reads the replications.
func Subjects(ctx context.Context, from SubjectSource) ([]model.Subject, error) {
	if len(from.Configurations) > 0 {
		return configurationSubjects(from.Configurations, from.Descriptor.Input)
	}
	descriptors, err := Descriptors(ctx, from.Descriptor)
	if err != nil {
		return nil, err
	}
	var subjects []model.Subject
	for _, descriptor := range descriptors {
		subjects = append(subjects, model.Subjects(descriptor)...)
	}
	return subjects, nil
}

func configurationSubjects(files []string, stdin io.Reader) ([]model.Subject, error) {
	subjects := make([]model.Subject, len(files))
	for i, text := range files {
		name, file := nameAndFile(text)
		data, err := readFile(file, stdin)
		if err != nil {
			return nil, fmt.Errorf("reading the replication configuration: %w", err)
		}
		found, err := pickReplication(data, name, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if subjects[i], err = subjectOf(found, name); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(files) > 1 {
			subjects[i].Name = cmp.Or(found.Bucket, name)
			if subjects[i].Name == "" {
				return nil, fmt.Errorf("--replication %s: with several files, name the source bucket of each: my-bucket=%s", text, file)
			}
		}
	}
	link(subjects)
	return subjects, nil
}

// link lets each subject know what the others say of its destinations: whose they
// are, and whether they send changes of replicas back.
func link(subjects []model.Subject) {
	for i := range subjects {
		for _, other := range subjects {
			source := other.Facts.Source
			if source.Bucket == "" || source.Bucket == subjects[i].Facts.Source.Bucket {
				continue
			}
			eachBucket(&subjects[i], func(facts *model.BucketFacts) {
				if facts.Bucket == source.Bucket {
					facts.Account = source.Account
					facts.SyncsReplicas = other.SyncsReplicasOf(subjects[i].Facts.Source.Bucket)
				}
			})
		}
	}
}

// pickReplication is the replication of a name in a document. A name that the
// document does not have is the bucket's, where there is only one replication.
func pickReplication(data []byte, name, file string) (document.Replication, error) {
	all, err := document.Replications(data)
	if err != nil {
		return document.Replication{}, err
	}
	if len(all) == 1 && (name == "" || all[0].Bucket == "") {
		return all[0], nil
	}
	for _, each := range all {
		if slices.Contains(each.Names(), name) {
			return each, nil
		}
	}
	list := listed(all)
	if name == "" {
		return document.Replication{}, fmt.Errorf("there are several replication configurations in it: %s; name one: --replication %s=%s", list, all[0].Names()[0], file)
	}
	return document.Replication{}, fmt.Errorf("there is no replication configuration of %q in it; there is %s", name, list)
}

// listed are the names of things for people.
func listed[T fmt.Stringer](list []T) string {
	const shown = 20
	var texts []string
	for _, each := range list[:min(len(list), shown)] {
		texts = append(texts, each.String())
	}
	if len(list) > shown {
		texts = append(texts, fmt.Sprintf("and %d more", len(list)-shown))
	}
	return strings.Join(texts, ", ")
}

func subjectOf(found document.Replication, name string) (model.Subject, error) {
	configuration, err := found.Configuration()
	if err != nil {
		return model.Subject{}, err
	}
	subject := model.Subject{Configuration: configuration}
	subject.Facts.NoConfiguration = found.Missing
	subject.Facts.Source.Bucket = found.Bucket
	if found.Bucket == "" && !slices.Contains(found.Names(), name) {
		subject.Facts.Source.Bucket = name
	}
	// S3 takes a role of the bucket's own account only.
	subject.Facts.Source.Account = awsid.AccountOf(configuration.Role)
	return subject, nil
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
func Pick(subjects []model.Subject, name string) (model.Subject, error) {
	ways := slices.DeleteFunc(slices.Clone(subjects), func(s model.Subject) bool { return s.ReverseOf != "" })
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
		return model.Subject{}, fmt.Errorf("there are several replications; pick one with --replication-name: %s", list)
	}
	return model.Subject{}, fmt.Errorf("there is no replication %q; there is %s", name, list)
}
