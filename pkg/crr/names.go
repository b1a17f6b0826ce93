package crr

const (
	maxBucketName = 63
	maxRoleName   = 64
	// keyIDLength is that of every key's id.
	keyIDLength = 36
)
