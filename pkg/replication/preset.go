package replication

import (
	"maps"
	"slices"
	"strings"
)

// Preset is a named choice of rule settings for a class of data. What a rule
// says itself comes before its preset.
type Preset string

// The presets.
const (
	// Critical data arrives within 15 minutes.
	Critical Preset = "critical"
	// ComplianceData arrives within 15 minutes, and what is deleted at the source
	// stays in sight at the destination.
	ComplianceData Preset = "compliance"
	// Logs are read seldom, but at once, and are not deleted.
	Logs Preset = "logs"
	// Archive data is read hardly ever, and may take hours to be.
	Archive Preset = "archive"
)

var yes, no = true, false

var presets = map[Preset]RuleSpec{
	Critical:       {ReplicationTimeControl: &yes},
	ComplianceData: {ReplicationTimeControl: &yes, DeleteMarkers: &no},
	Logs:           {StorageClass: "GLACIER_IR", DeleteMarkers: &no},
	Archive:        {StorageClass: "DEEP_ARCHIVE", DeleteMarkers: &no},
}

// withPreset fills in what the rule's preset says and the rule does not.
func (s RuleSpec) withPreset() RuleSpec {
	preset := presets[s.Preset]
	if s.ClassTag != "" {
		tags := map[string]string{s.ClassTag: string(s.Preset)}
		maps.Copy(tags, s.Tags)
		s.Tags = tags
	}
	if s.ReplicationTimeControl == nil {
		s.ReplicationTimeControl = preset.ReplicationTimeControl
	}
	if s.DeleteMarkers == nil {
		s.DeleteMarkers = preset.DeleteMarkers
	}
	if s.StorageClass == "" {
		s.StorageClass = preset.StorageClass
	}
	return s
}

func (s RuleSpec) validatePreset() Problems {
	var problems Problems
	if _, known := presets[s.Preset]; !known && s.Preset != "" {
		names := []string{}
		for _, preset := range slices.Sorted(maps.Keys(presets)) {
			names = append(names, string(preset))
		}
		problems.Add("preset", "%q is not a preset; use one of %s", s.Preset, strings.Join(names, ", "))
	}
	if s.ClassTag == "" {
		return problems
	}
	if s.Preset == "" {
		problems.Add("classTag", "is given without a preset, which is the value that the tag must have")
	}
	if value, given := s.Tags[s.ClassTag]; given && value != string(s.Preset) {
		problems.Add("classTag", "asks for %q=%q, and tags for %q; leave one out", s.ClassTag, s.Preset, value)
	}
	return problems
}
