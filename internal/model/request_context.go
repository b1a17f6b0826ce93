package model

import (
	"maps"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ofServiceRole returns the known condition keys of any request that S3 makes with
// a role. Keys that the request lacks have no values. All other keys are unknown,
// such as the organization and the tags of the role.
//
// The requests come through no network, endpoint or access point of the
// customer's, which is why policies that ask for one stop replication.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func ofServiceRole() map[string][]string {
	return map[string][]string{
		"aws:SecureTransport":    {"true"},
		viaAWSServiceKey:         {"false"},
		"aws:SourceIp":           nil,
		"aws:SourceVpc":          nil,
		"aws:SourceVpce":         nil,
		"aws:VpcSourceIp":        nil,
		"aws:MultiFactorAuthAge": nil,
		sourceAccountKey:         nil,
		sourceARNKey:             nil,
	}
}

// mfaOfServiceRole says that a role assumed by a service never has MFA. AWS does not document whether a request with
// such credentials has the key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
var mfaOfServiceRole = map[string][]string{"aws:MultiFactorAuthPresent": {"false"}}

// ofRole returns a request that S3 makes with the replication role. It is incomplete:
// the context has the known keys.
func ofRole(role, action, resource, account string, context map[string][]string) policy.Request {
	return policy.Request{
		Principal: role, Action: action, Resource: resource, ResourceAccount: account, Context: context, Possible: mfaOfServiceRole, Incomplete: true,
	}
}

// forwardedByS3 adds that S3 calls KMS with a forward access session of the role, which sets aws:ViaAWSService to true. AWS
// does not document that for replication.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
var forwardedByS3 = map[string][]string{"aws:MultiFactorAuthPresent": {"false"}, viaAWSServiceKey: {"true", "false"}}

// toKMS returns a request that S3 makes to KMS with the replication role.
func toKMS(role, action, key, account string, context map[string][]string) policy.Request {
	request := ofRole(role, action, key, account, context)
	request.Possible = forwardedByS3
	return request
}

// ofReplication has the condition keys of a request to S3 that does not write a
// replica. It is read-only.
var ofReplication = toS3()

func toS3() map[string][]string {
	context := ofServiceRole()
	context["s3:TlsVersion"] = []string{"1.3"}
	for _, missing := range []string{
		SSEConditionKey, SSEKMSKeyIDConditionKey, SSECustomerConditionKey,
		"s3:DataAccessPointArn", "s3:DataAccessPointAccount", "s3:AccessPointNetworkOrigin",
	} {
		context[missing] = nil
	}
	return context
}

// ofReplica returns the condition keys of the request that writes a replica.
func ofReplica(encryption ObjectEncryption, keyARN string) map[string][]string {
	context := maps.Clone(ofReplication)
	switch encryption {
	case "":
		delete(context, SSEConditionKey) // not known
		delete(context, SSEKMSKeyIDConditionKey)
	case SSEC:
		context[SSECustomerConditionKey] = []string{string(SSES3)}
	default:
		context[SSEConditionKey] = []string{string(encryption)}
	}
	if keyARN != "" {
		context[SSEKMSKeyIDConditionKey] = []string{keyARN}
	}
	return context
}

// ofKeyUse returns the condition keys of a request to KMS. The encryption context is the bucket's
// ARN or the object's.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
func ofKeyUse(role, service, encryptionContext string) map[string][]string {
	context := ofServiceRole()
	delete(context, viaAWSServiceKey)
	context[viaServiceKey] = []string{service}
	context[EncryptionContextConditionKey] = []string{encryptionContext}
	context[CallerAccountConditionKey] = []string{awsid.AccountOf(role)}
	return context
}

// sharedContexts are the condition keys of calls that are alike, made once.
type sharedContexts struct {
	replicas map[replicaEncryption]map[string][]string
	keyUses  map[string]map[string][]string // by the region
}

type replicaEncryption struct {
	encryption ObjectEncryption
	keyARN     string
}

// ofReplica is as the function of this name.
func (s *sharedContexts) ofReplica(encryption ObjectEncryption, keyARN string) map[string][]string {
	return once(&s.replicas, replicaEncryption{encryption, keyARN}, func() map[string][]string { return ofReplica(encryption, keyARN) })
}

// ofKeyUse is as the function of this name, for one role. The judge puts in the
// encryption context of each call.
func (s *sharedContexts) ofKeyUse(role, region string) map[string][]string {
	return once(&s.keyUses, region, func() map[string][]string { return ofKeyUse(role, replication.S3ViaService(region), "") })
}

// once returns the value of a key, which it makes if it is missing.
func once[K comparable, V any](all *map[K]V, key K, makes func() V) V {
	if found, known := (*all)[key]; known {
		return found
	}
	if *all == nil {
		*all = map[K]V{}
	}
	(*all)[key] = makes()
	return (*all)[key]
}
