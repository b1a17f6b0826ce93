package policy

import (
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
)

// Problem is one error in a document.
type Problem struct {
	// Path locates the problem, such as "Statement[2].Condition.StringEqualz". It is empty for the document as a
	// whole.
	Path string
	// Message is what is wrong and what is accepted.
	Message string
}

// String returns the path and the message.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// MalformedError is returned by Parse and Validate. It lists all problems of a document, structural ones first. AWS
// returns MalformedPolicy or MalformedPolicyDocument with only one of them.
type MalformedError struct {
	Problems []Problem
}

// Error lists the problems, one a line.
func (e *MalformedError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// problems collects what is wrong.
type problems []Problem

// maxProblems is how many problems of a document are named. What has more is no policy.
const maxProblems = 1000

func (ps *problems) add(path, format string, args ...any) {
	if len(*ps) == maxProblems {
		return
	}
	*ps = append(*ps, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// under reports whether there is a problem at a path or below it.
func (ps problems) under(path string) bool {
	for _, problem := range ps {
		rest, below := strings.CutPrefix(problem.Path, path)
		if below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

// err returns the problems as an error, or nil if there are none.
func (ps problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return &MalformedError{Problems: ps}
}

// didYouMean is a hint at the end of a message, when one of the known words is close to the one found.
func didYouMean(found string, known []string) string {
	best := nearest.Word(found, known)
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}
