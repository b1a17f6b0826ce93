package replication

import "slices"

// StorageClass is where replicas are kept. The zero value leaves them in the
// class of the source object.
type StorageClass string

// StorageClasses are the classes that a replication rule may name.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html
var StorageClasses = []StorageClass{
	"STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA",
	"GLACIER_IR", "GLACIER", "DEEP_ARCHIVE", "REDUCED_REDUNDANCY",
}

// Valid reports whether a rule may name the class.
func (c StorageClass) Valid() bool {
	return slices.Contains(StorageClasses, c)
}
