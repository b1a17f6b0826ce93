package replication

// Status switches a part of a rule on or off, in S3's words.
type Status string

// The two statuses that S3 knows.
const (
	Enabled  Status = "Enabled"
	Disabled Status = "Disabled"
)

// StatusOf returns Enabled or Disabled.
func StatusOf(enabled bool) Status {
	if enabled {
		return Enabled
	}
	return Disabled
}
