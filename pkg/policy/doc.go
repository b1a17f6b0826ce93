// Package policy holds IAM policy documents, and decides what they allow, as AWS does.
//
// It needs neither AWS nor Pulumi, and works offline in microseconds. The components of this module write their
// policies as values of [Document], prove at preview that those policies allow every call that replication makes and
// none that it must not make, and the local AWS enforces bucket policies with the same functions, so that what is
// proved and what is enforced cannot differ.
//
// # Documents
//
// [New] makes a document of statements, [Document.JSON] writes it, always in the same way, and [Parse] reads it, as
// strictly as AWS does: it reports every problem at once, each with its path, as a [MalformedError].
// [Document.ValidateAs] adds the rules that hold for one kind of policy only.
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
// [Evaluate] takes a [Request] and the [Policies] that bear on it. Its [Decision] says whether the request is allowed,
// for what [Reason], and which statement of which policy decided. The rules, each with the AWS page it comes from
// beside the code:
//
//   - A Deny that applies, in any policy, ends the matter.
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
// # What nobody told
//
// A Request that is Open does not tell all that AWS is going to know of the call: which organization the caller is of,
// say. The decision then is one that holds whatever the rest turns out to be, or Undecided, and Untold names the
// condition keys that it hangs on.
//
// # Where AWS leaves room
//
// Where the documentation says that something "might" happen, or nothing, the evaluation decides against the caller:
//
//   - A Deny with NotPrincipal spares only a caller of whom session, role and account are all listed. Of a role whose
//     session the request does not tell, that is never certain.
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
