package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// stateVersion is that of the file's form.
const stateVersion = 1

// state is the progress of a comparison, as saved in a file.
type state struct {
	Version int `json:"version"`
	// Question is a digest of what is compared, and how.
	Question string      `json:"question"`
	Pairs    []pairState `json:"pairs"`
}

type pairState struct {
	Replication string               `json:"replication"`
	Destination string               `json:"destination"`
	Done        Tally                `json:"done"`
	Samples     map[Reason][]Finding `json:"samples,omitempty"`
	// Open are the ranges of keys that are not finished.
	Open []spanState `json:"open"`
}

type spanState struct {
	// After is the last key that is done, Upto the last one of the range.
	After string `json:"after"`
	Upto  string `json:"upto,omitempty"`
	Tally Tally  `json:"tally"`
}

// questionOf is a digest of what must not change while a comparison goes on.
func questionOf(descriptors []replication.Descriptor, options Options) (string, error) {
	type asked struct {
		Source       replication.DeployedBucket
		Destinations []replication.DeployedBucket
		Rules        []replication.Rule
	}
	question := struct {
		Replications        []asked
		Current, Attributes bool
		Checksums           bool `json:",omitempty"`
	}{Current: options.Current, Attributes: options.Attributes, Checksums: options.Checksums}
	for _, d := range descriptors {
		question.Replications = append(question.Replications, asked{d.Source, d.Destinations, d.Rules})
	}
	data, err := json.Marshal(question)
	if err != nil {
		return "", fmt.Errorf("digesting the descriptor: %w", err)
	}
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:]), nil
}

// state is a consistent picture of the comparison while it runs.
func (c *comparison) state(question string) state {
	c.mu.Lock()
	defer c.mu.Unlock()
	picture := state{Version: stateVersion, Question: question}
	for _, p := range c.pairs {
		picture.Pairs = append(picture.Pairs, c.pairState(p))
	}
	return picture
}

func (c *comparison) pairState(p *pair) pairState {
	p.mu.Lock()
	defer p.mu.Unlock()
	picture := pairState{
		Replication: p.replication, Destination: p.destination.Name, Done: p.done.clone(), Samples: map[Reason][]Finding{}, Open: []spanState{},
	}
	for reason, findings := range p.samples {
		picture.Samples[reason] = findings[:len(findings):len(findings)]
	}
	spans := c.waiting[:len(c.waiting):len(c.waiting)]
	for s := range c.active {
		spans = append(spans, s)
	}
	for _, s := range spans {
		if s.pair == p {
			picture.Open = append(picture.Open, s.state())
		}
	}
	return picture
}

func (s *span) state() spanState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return spanState{After: s.after, Upto: s.upto, Tally: s.tally.clone()}
}

// resume goes on where a state says. The pairs are those of the same question.
func (c *comparison) resume(from state) {
	for i, p := range c.pairs {
		kept := from.Pairs[i]
		p.done.add(kept.Done)
		for reason, findings := range kept.Samples {
			p.samples[reason] = findings
		}
		c.counted.Add(kept.Done.Source + kept.Done.Destination)
		for _, each := range kept.Open {
			s := newSpan(p, each.After, each.Upto)
			s.tally.add(each.Tally)
			c.waiting = append(c.waiting, s)
			c.counted.Add(each.Tally.Source + each.Tally.Destination)
		}
	}
}

// readState reads how far a comparison has come. It is false where none was
// begun.
func readState(file, question string, pairs int) (state, bool, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, false, nil
	}
	if err != nil {
		return state{}, false, fmt.Errorf("reading the state of the comparison: %w", err)
	}
	var kept state
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&kept); err != nil || kept.Version != stateVersion {
		return state{}, false, fmt.Errorf("%s is not the state of a comparison, or was written by another version of crr; use another file, or remove it", file)
	}
	if kept.Question != question || len(kept.Pairs) != pairs {
		return state{}, false, fmt.Errorf("%s belongs to another comparison: the descriptor or the flags have changed; "+
			"use the former ones, or remove the file to start again", file)
	}
	return kept, true, nil
}

// write replaces the file atomically, so that it is complete even if the process is
// killed.
func (s state) write(file string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keeping how far the comparison has come: %w", err)
	}
	fresh := file + ".new"
	if err = os.Remove(fresh); err == nil || errors.Is(err, fs.ErrNotExist) {
		err = writeSynced(fresh, data)
	}
	if err == nil {
		err = os.Rename(fresh, file)
	}
	if err != nil {
		return fmt.Errorf("keeping how far the comparison has come: %w", err)
	}
	return nil
}

// writeSynced writes a file that must not be there, so that nothing is written
// through a link, and returns once it is on the disk.
func writeSynced(name string, data []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}
