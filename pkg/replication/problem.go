package replication

import (
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/fieldpath"
)

// Problem is one error in a configuration.
type Problem struct {
	// Path of the field in the configuration: "destinations[0].region".
	Path string
	// Message is what was found and what is accepted.
	Message string
	// See is the page of the AWS documentation behind the rule. Optional.
	See string
}

func (p Problem) String() string {
	text := p.Path + ": " + p.Message
	if p.See != "" {
		text += " (" + p.See + ")"
	}
	return text
}

// Problems is everything that is wrong, in the order of the fields. As an
// error it lists all of them, one a line.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, 0, len(p)+1)
	if len(p) > 1 {
		lines = append(lines, fmt.Sprintf("%d problems:", len(p)))
	}
	for _, problem := range p {
		lines = append(lines, problem.String())
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems as an error, or nil where there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Under returns the problems with every path below the given one.
func (p Problems) Under(path string) Problems {
	moved := make(Problems, len(p))
	for i, problem := range p {
		problem.Path = fieldpath.Join(path, problem.Path)
		moved[i] = problem
	}
	return moved
}

// Add appends a problem.
func (p *Problems) Add(path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// AddSee appends a problem with the page behind the rule.
func (p *Problems) AddSee(see, path, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Message: fmt.Sprintf(format, args...), See: see})
}
