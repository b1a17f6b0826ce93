package alarms

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// where alarms are: a bucket in the same account, whose rights reach it, and a
// region.
type where struct {
	place  replication.DeployedBucket
	region string
}

// inRegion is the place as messages should speak of it.
func (w where) inRegion() replication.DeployedBucket {
	place := w.place
	place.Region = w.region
	return place
}

// group is some alarms of a deployment, by their indexes, that are in one place.
type group struct {
	where
	indexes []int
}

// Composite is the metric of alarms that watch other alarms.
const Composite = "composite"

// All are the alarms of a deployment, the composite ones last.
func All(d replication.Descriptor) []replication.Alarm {
	all := slices.Clone(d.Alarms)
	for _, composite := range d.CompositeAlarms {
		all = append(all, replication.Alarm{Name: composite.Name, Region: composite.Region, AccountID: composite.AccountID, Metric: Composite})
	}
	return all
}

// byPlace groups alarms by where they are.
func byPlace(d replication.Descriptor, all []replication.Alarm) []group {
	var groups []group
	for i, alarm := range all {
		at := where{Owner(d, alarm), alarm.Region}
		known := slices.IndexFunc(groups, func(g group) bool { return g.place.Name == at.place.Name && g.region == at.region })
		if known < 0 {
			known = len(groups)
			groups = append(groups, group{where: at})
		}
		groups[known].indexes = append(groups[known].indexes, i)
	}
	return groups
}

// Owner returns a bucket in the account of an alarm. If the descriptor does not have
// the account, it returns the source of the alarm's rule.
func Owner(d replication.Descriptor, alarm replication.Alarm) replication.DeployedBucket {
	from := d.Source.Name
	for _, rule := range d.Rules {
		if rule.ID == alarm.Rule {
			from = rule.From()
		}
	}
	places := d.Buckets()
	fits := func(place replication.DeployedBucket) bool {
		if alarm.AccountID != "" {
			return place.AccountID == alarm.AccountID
		}
		return place.Name == from
	}
	if i := slices.IndexFunc(places, fits); i >= 0 {
		return places[i]
	}
	return d.Source
}
