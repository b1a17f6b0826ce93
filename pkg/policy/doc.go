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
// Where the documentation says that something "might" happen, the evaluation decides against the caller: a Deny with
// NotPrincipal spares only a caller all of whose layers (session, role, account) are listed, an Allow with
// NotPrincipal reaches only callers of whom no layer is. As on AWS, a statement with a policy variable that has no
// value does not apply, even if it is a Deny.
//
// # Limits
//
// Service and resource control policies, session policies, VPC endpoint policies, access control lists and KMS grants
// are not evaluated. Canonical user ids and the unique ids that AWS shows for deleted roles match nobody. A principal
// that names an IAM user does not reach that user's federated sessions. The keys aws:CurrentTime and aws:EpochTime
// come from the request like any others, so that a decision depends on nothing but its arguments.
package policy
