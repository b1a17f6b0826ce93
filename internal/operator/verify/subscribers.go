package verify

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// changedSubscribers names the subscribers that are gone, have not confirmed, were
// added, or get a part of the messages only.
func (s *setting) changedSubscribers() []string {
	var changes []string
	counts, there := map[string]int{}, map[string]bool{}
	for _, each := range s.found.value.subscribers {
		counts[each.protocol]++
		there[each.hash] = true
	}
	for _, id := range slices.Sorted(maps.Keys(s.Values)) {
		wanted, err := strconv.Atoi(s.Values[id])
		switch counted := err == nil && !strings.HasPrefix(id, replication.SubscriberPrefix); {
		case counted && counts[id] < wanted:
			changes = append(changes, fmt.Sprintf("%d of %d %s subscriptions are left", counts[id], wanted, id))
		case !counted && !there[id]:
			changes = append(changes, s.Values[id]+" does not subscribe any more")
		}
	}
	for _, each := range s.found.value.subscribers {
		switch {
		case s.isStranger(each):
			changes = append(changes, each.name+" subscribes, which was not deployed")
		case each.arn == "" && s.namesSubscribers():
			changes = append(changes, each.name+" has not confirmed, and is not notified")
		}
		if each.filter != "" {
			changes = append(changes, fmt.Sprintf("%s gets only the messages that its filter policy lets through: %s", each.name, each.filter))
		}
	}
	return changes
}

// namesSubscribers reports whether subscribers were deployed and described one by one.
func (s *setting) namesSubscribers() bool {
	for id := range s.Values {
		if strings.HasPrefix(id, replication.SubscriberPrefix) {
			return true
		}
	}
	return false
}

func (s *setting) isStranger(of subscriber) bool {
	_, deployed := s.Values[of.hash]
	return !deployed && s.namesSubscribers()
}

// fixes are what a deployment does not do: take away what was added, and confirm.
func (s *setting) fixes() []string {
	fixes := slices.Clone(s.found.value.fixes)
	for _, each := range s.found.value.subscribers {
		switch {
		case s.isStranger(each) && each.arn == "":
			fixes = append(fixes, "SNS forgets subscribers that do not confirm")
		case s.isStranger(each):
			fixes = append(fixes, fmt.Sprintf("aws sns unsubscribe --subscription-arn %s --region %s, or write %s into the stack's configuration", each.arn, s.Region, each.name))
		case each.arn == "":
			fixes = append(fixes, "have "+each.name+" follow the link in the message that SNS sent")
		}
	}
	return fixes
}

// subscribersNotJudged says of whom it is not known whether they were deployed.
func (s *setting) subscribersNotJudged() outcome {
	if len(s.found.value.subscribers) == 0 || s.namesSubscribers() {
		return outcome{}
	}
	var names []string
	for _, each := range s.found.value.subscribers {
		names = append(names, each.name)
	}
	return skip("the descriptor names no subscribers, so these are not compared: " + strings.Join(names, ", "))
}
