package replication

import "regexp"

// A Partition is a group of AWS regions with ARNs and accounts of its own.
// Nothing replicates from one partition into another.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
type Partition struct {
	// ID as it stands in ARNs: "aws".
	ID string
	// DNSSuffix of the partition's service hosts: "amazonaws.com".
	DNSSuffix string
}

// The patterns are those of the AWS SDKs' own partition data, so that a region
// which opens after this was written is known too. A test compares them.
var partitions = []struct {
	regions *regexp.Regexp
	Partition
}{
	{regexp.MustCompile(`^cn-\w+-\d+$`), Partition{ID: "aws-cn", DNSSuffix: "amazonaws.com.cn"}},
	{regexp.MustCompile(`^us-gov-\w+-\d+$`), Partition{ID: "aws-us-gov", DNSSuffix: "amazonaws.com"}},
	{regexp.MustCompile(`^eusc-(de)-\w+-\d+$`), Partition{ID: "aws-eusc", DNSSuffix: "amazonaws.eu"}},
	{regexp.MustCompile(`^us-iso-\w+-\d+$`), Partition{ID: "aws-iso", DNSSuffix: "c2s.ic.gov"}},
	{regexp.MustCompile(`^us-isob-\w+-\d+$`), Partition{ID: "aws-iso-b", DNSSuffix: "sc2s.sgov.gov"}},
	{regexp.MustCompile(`^eu-isoe-\w+-\d+$`), Partition{ID: "aws-iso-e", DNSSuffix: "cloud.adc-e.uk"}},
	{regexp.MustCompile(`^us-isof-\w+-\d+$`), Partition{ID: "aws-iso-f", DNSSuffix: "csp.hci.ic.gov"}},
	{regexp.MustCompile(`^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$`), Partition{ID: "aws", DNSSuffix: "amazonaws.com"}},
}

// PartitionOf returns the partition that a region belongs to, and whether the
// text is the name of a region at all.
func PartitionOf(region string) (Partition, bool) {
	for _, p := range partitions {
		if p.regions.MatchString(region) {
			return p.Partition, true
		}
	}
	return Partition{}, false
}

// S3ViaService is the value of kms:ViaService in requests that S3 makes in a
// region: "s3.us-east-1.amazonaws.com". The region must be valid.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func S3ViaService(region string) string {
	partition, _ := PartitionOf(region)
	return "s3." + region + "." + partition.DNSSuffix
}

// BucketARN is the ARN of a bucket in the partition of a region. Bucket ARNs
// have neither region nor account.
func BucketARN(region, bucket string) string {
	partition, _ := PartitionOf(region)
	return "arn:" + partition.ID + ":s3:::" + bucket
}
