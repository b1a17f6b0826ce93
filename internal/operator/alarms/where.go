package alarms

import (
	"slices"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// where alarms are: a bucket in the same account, whose rights reach it, and a
// region.
type where struct {
	place  replication.DeployedPlace
	region string
}

// inRegion is the place as messages should speak of it.
func (w where) inRegion() replication.DeployedPlace {
	place := w.place
	place.Region = w.region
	return place
}

// byPlace groups the indexes of alarms by where they are.
func byPlace(d replication.Descriptor) map[where][]int {
	groups := map[where][]int{}
	for i, alarm := range d.Alarms {
		at := where{Owner(d, alarm), alarm.Region}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// Owner is a place in the account that an alarm is in. Where the descriptor
// does not tell, that is the source of the alarm's rule.
func Owner(d replication.Descriptor, alarm replication.Alarm) replication.DeployedPlace {
	from := d.Source.Name
	for _, rule := range d.Rules {
		if rule.ID == alarm.Rule {
			from = rule.From()
		}
	}
	places := d.Places()
	fits := func(place replication.DeployedPlace) bool {
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
