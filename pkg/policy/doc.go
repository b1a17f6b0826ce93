// Package policy reads, writes and evaluates IAM policy documents as AWS does.
//
// It needs neither AWS nor Pulumi, and works offline in microseconds. The components of this module write their
// policies as values of [Document] and check at preview that they allow every call that replication makes and deny the
// others. The local AWS enforces bucket policies with the same functions, so the two cannot differ.
//
// # Documents
//
// [New] makes a document of statements, [Document.JSON] writes it in a stable form, and [Parse] reads it as strictly as
// AWS does: it reports all problems at once, each with its path, as a [MalformedError]. [Document.ValidateAs] adds the
// rules of one kind of policy.
//
//	policy.New(policy.Statement{
//		Sid:       "DenyInsecureTransport",
//		Effect:    policy.Deny,
//		Principal: policy.Anyone(),
//		Action:    policy.Values{"s3:*"},
//		Resource:  policy.Values{bucket, bucket + "/*"},
//		Condition: policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
//	})
//
// # Decisions
//
// [Evaluate] takes a [Request] and the [Policies] that apply to it. Its [Decision] reports whether the request is
// allowed, the [Reason], and the statement that decided. The rules (the code names the AWS page of each):
//
//   - A Deny that applies, in any policy, overrides any Allow.
//   - Within an account an Allow on either side is enough: the caller's identity policies or the resource's policy.
//     Keys and roles are the exception: their own policy has to allow, or name the account and so delegate to IAM.
//   - Across accounts both sides have to allow.
//   - A permissions boundary limits what identity policies allow, and what a resource policy allows to the role by its
//     ARN; what a resource policy allows to a user or a session by ARN, or to everyone, is not limited by it.
//   - Services, identity providers and callers without credentials have no identity policies: the resource policy
//     alone decides.
//   - A condition on a key that the request does not have fails, unless the operator is negated (StringNotEquals and
//     the like, with IfExists or without): then it holds. A Deny that is to spare requests without the key needs
//     {"Null": {key: "false"}} beside it.
//
// # Incomplete requests
//
// An Incomplete Request lacks condition keys that AWS will know, such as the organization of the caller. The decision
// then either holds whatever the missing keys are, or is Unknown, and MissingKeys names the keys that it depends on.
//
// # Undocumented behaviour
//
// Where the documentation says that something "might" happen, or is silent, the evaluation decides against the caller:
//
//   - A Deny with NotPrincipal exempts a caller only if its session, role and account are all listed. For a role whose
//     session is unknown, that is never certain.
//   - A condition operator without ForAllValues or ForAnyValue, on a key for which the request has several values, has
//     been seen to find no match, and may look at any value. An Allow applies if its condition holds either way, a Deny
//     if it holds in one.
//   - The fields that an ARN lacks stand for anything in identity policies and permissions boundaries, as documented. In
//     service and resource control policies they do where that denies more, and in others such an ARN matches nothing.
//   - What AWS refuses applies to nothing: an Allow with NotPrincipal, an action such as "*:GetObject".
//
// Nothing matches a policy variable without value: a negated condition operator then holds, and a NotResource excludes
// nothing, as AWS documents.
//
// # Layers
//
// Permissions boundary, session policies and service control policies limit what identity and resource policies grant,
// and grant nothing. Every level of service control policies has to allow; services and service-linked roles are not
// subject to them. Of resource control policies only the Deny statements count.
//
// # Limits
//
// VPC endpoint policies, access control lists, S3 Block Public Access, KMS grants and rules that services have of their
// own are not evaluated; docs/limits.md lists them. Canonical user ids and the unique ids that AWS shows for deleted roles
// match no caller. A principal that names an IAM user does not reach that user's federated sessions. The keys
// aws:CurrentTime and aws:EpochTime come from the request like any others, so that a decision depends on nothing but its
// arguments.
package policy
