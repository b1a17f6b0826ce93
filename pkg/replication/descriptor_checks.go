package replication

import "slices"

// Checks are what must hold of the policies at a deployed place, whatever it
// replicates to: what its bucket's policy must refuse, unless the bucket was
// there before, and the trust policy of the role that replicates from it, if one
// does. What clients may do is not among them, since statements of the user's
// own may narrow that down, nor whether buckets of other accounts may be
// replicated with the role, since a deployment may choose that.
func (p DeployedPlace) Checks(roleARN string) []Check {
	end := p.end()
	return slices.DeleteFunc(Checks(roleARN, end, end), func(check Check) bool {
		switch check.Target {
		case SourceBucket:
			return p.Existing || check.Want != Refused || check.Caller == Role || check.Caller == WidenedRole
		case RoleTrust:
			return roleARN == "" || check.Caller == S3 && check.Want == Refused && check.Request.Action == "sts:AssumeRole"
		default:
			return true
		}
	})
}

// RoleOf is the role that replicates from a place, and "" where nothing does.
func (d Descriptor) RoleOf(place DeployedPlace) string {
	if len(d.targets(place.Name)) == 0 {
		return ""
	}
	return d.roleOf(place)
}
