package model

import (
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
)

// encryptionReasons are about the keys on both sides. Objects without KMS need
// no opt-in.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func (e *Explainer) encryptionReasons(group *candidates, winner *candidate, object *Object) []Reason {
	encryption, key := e.encryptionOf(object)
	switch {
	case encryption == "" && !winner.rule.SelectsKMS():
		return []Reason{because("encryption-unknown", winner.ref)}
	case encryption == SSEC && group.facts.BlocksSSEC == Yes:
		return []Reason{because("ssec-blocked")}
	case !mayUseKMS(encryption):
		return nil
	case !winner.rule.SelectsKMS():
		return []Reason{because("kms-not-selected", winner.ref)}
	default:
		return ifKMS(encryption, append(e.sourceKeyReasons(key), e.replicaKeyReasons(group, winner)...))
	}
}

// mayUseKMS reports whether objects are encrypted with KMS, or whether that is unknown.
func mayUseKMS(encryption ObjectEncryption) bool { return encryption == "" || encryption.usesKMS() }

// ifKMS returns reasons that matter only if the object is encrypted with KMS: they are uncertain where that is unknown.
func ifKMS(encryption ObjectEncryption, reasons []Reason) []Reason {
	for i := range reasons {
		reasons[i].uncertain = reasons[i].uncertain || encryption == ""
	}
	return reasons
}

// encryptionOf returns the encryption of the object, by default that of its bucket.
func (e *Explainer) encryptionOf(object *Object) (ObjectEncryption, string) {
	source := &e.facts.Source
	encryption, key := object.Encryption, object.KMSKey
	if encryption == "" {
		encryption = source.DefaultEncryption
	}
	if key == "" && encryption.usesKMS() && source.DefaultEncryption.usesKMS() {
		key = source.DefaultKey
	}
	return encryption, key
}

func (e *Explainer) sourceKeyReasons(key string) []Reason {
	allowed := e.facts.Role.Decrypts
	if key == "" {
		if allowed != nil && len(allowed) == 0 {
			return []Reason{because("source-key-unknown")}
		}
		return nil
	}
	if state := e.facts.Source.Keys[key].State; state != "" && state != KeyEnabled {
		return []Reason{because("source-key-unusable", key, state)}
	}
	if allowed != nil && !contains(allowed, key) {
		return []Reason{because("source-key-not-granted", key)}
	}
	return nil
}

func contains(list []string, text string) bool {
	for i := range list {
		if list[i] == text {
			return true
		}
	}
	return false
}

func (e *Explainer) replicaKeyReasons(group *candidates, winner *candidate) []Reason {
	key := winner.rule.ReplicaKey()
	if key == "" {
		return []Reason{because("replica-key-missing", winner.ref)}
	}
	if !namesKey(key) {
		return []Reason{because("replica-key-invalid", key)}
	}
	account := group.facts.accountOr(winner.rule.Destination.Account)
	if accountsDiffer(e.facts.Source.Account, account) == Yes && isAlias(key) {
		if isAWSManaged(key) {
			return []Reason{because("replica-key-aws-managed")}
		}
		return []Reason{because("replica-key-alias", key)}
	}
	if region := awsid.RegionOf(key); region != "" && group.facts.Region != "" && region != group.facts.Region {
		return []Reason{because("replica-key-region", region, group.facts.Region)}
	}
	switch state := group.facts.Keys[key].State; state {
	case "", KeyEnabled:
		return nil
	case KeyNotFound:
		return []Reason{because("replica-key-not-found", key)}
	default:
		return []Reason{because("replica-key-unusable", key, state)}
	}
}

// namesKey reports whether a text is the ARN of a key or of an alias, the two that
// a rule may name. S3 does not look when the rules are put.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func namesKey(key string) bool {
	parsed, ok := awsid.ParseARN(key)
	kind, id, _ := strings.Cut(parsed.Resource, "/")
	return ok && parsed.Service == "kms" && parsed.Region != "" && parsed.Account != "" && id != "" && (kind == "key" || kind == "alias")
}

// isAlias reports whether a key is named by an alias, as such or as an ARN.
func isAlias(key string) bool {
	parsed, ok := awsid.ParseARN(key)
	return strings.HasPrefix(key, "alias/") || ok && strings.HasPrefix(parsed.Resource, "alias/")
}

// isAWSManaged reports whether a key is the one that AWS keeps for S3.
func isAWSManaged(key string) bool { return strings.HasSuffix(key, "alias/aws/s3") }
