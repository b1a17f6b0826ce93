package heartbeat

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The metric of the age in seconds of the newest heartbeat at a destination. It has the
// dimensions of S3's replication metrics.
const (
	Namespace  = "CRR"
	MetricName = "HeartbeatAge"
)

// Variable of the function's environment that holds the [Config] as JSON.
const Variable = "CRR_CANARY"

// Call is what the function is called with. The events of its schedule are
// zero ones.
type Call struct {
	// Deploying is set if a deployment triggers the first heartbeats.
	Deploying bool `json:"deploying,omitempty"`
}

// Config says where heartbeats are written and looked for.
type Config struct {
	// Source is where heartbeats are written.
	Source Place `json:"source"`
	// Destinations by name.
	Destinations map[string]Place `json:"destinations"`
	// Heartbeats, one for each rule.
	Heartbeats []Beat `json:"heartbeats"`
	// WaitSeconds for a heartbeat to arrive before the age of an earlier one is
	// published.
	WaitSeconds int `json:"waitSeconds"`
}

// Place is a bucket.
type Place struct {
	Bucket string `json:"bucket"`
	Region string `json:"region"`
	// RoleARN to assume for a bucket of another account.
	RoleARN string `json:"roleArn,omitempty"`
	// AccountID that owns the bucket; empty where it is not known.
	AccountID string `json:"accountId,omitempty"`
}

// Beat is the heartbeat object of a rule.
type Beat struct {
	// Rule that replicates the object, by its id.
	Rule string `json:"rule"`
	// Prefix of the rule.
	Prefix string `json:"prefix,omitempty"`
	// Tags of the object, those that the rule asks for.
	Tags map[string]string `json:"tags,omitempty"`
	// Destination of the rule, by its name.
	Destination string `json:"destination"`
}

// Parse reads a configuration.
func Parse(text string) (Config, error) {
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return Config{}, fmt.Errorf("reading the variable %s: %w", Variable, err)
	}
	switch {
	case c.Source.Bucket == "" || c.Source.Region == "":
		return Config{}, errors.New("reading the variable " + Variable + ": it names no source")
	case len(c.Heartbeats) == 0:
		return Config{}, errors.New("reading the variable " + Variable + ": it names no heartbeat")
	case c.WaitSeconds <= 0:
		return Config{}, errors.New("reading the variable " + Variable + ": waitSeconds must be more than zero")
	}
	for _, beat := range c.Heartbeats {
		if _, known := c.Destinations[beat.Destination]; !known {
			return Config{}, fmt.Errorf("reading the variable %s: the rule %s has no destination %q", Variable, beat.Rule, beat.Destination)
		}
	}
	return c, nil
}

// Key of the object of a heartbeat.
func (c Config) Key(beat Beat) string { return Key(c.Source.Bucket, beat.Prefix, beat.Rule) }

// Wait is WaitSeconds.
func (c Config) Wait() time.Duration { return time.Duration(c.WaitSeconds) * time.Second }
