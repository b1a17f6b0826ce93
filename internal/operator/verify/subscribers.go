package verify

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// changedSubscribers describes the subscribers that were removed, are unconfirmed,
// were added, or have a filter policy.
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
			changes = append(changes, fmt.Sprintf("%d of %d %s subscriptions remain", counts[id], wanted, id))
		case !counted && !there[id]:
			changes = append(changes, s.Values[id]+" is no longer subscribed")
		}
	}
	for _, each := range s.found.value.subscribers {
		switch {
		case s.isStranger(each):
			changes = append(changes, each.name+" is subscribed, but was not deployed")
		case each.arn == "" && s.namesSubscribers():
			changes = append(changes, each.name+" is unconfirmed, and not notified")
		}
		if each.filter != "" {
			changes = append(changes, fmt.Sprintf("%s gets only the messages that match its filter policy: %s", each.name, each.filter))
		}
	}
	return changes
}

// namesSubscribers reports whether the deployed subscribers are known individually.
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

// fixes returns the fixes that a deployment does not make: removing added subscribers,
// and confirming.
func (s *setting) fixes() []string {
	fixes := slices.Clone(s.found.value.fixes)
	for _, each := range s.found.value.subscribers {
		switch {
		case s.isStranger(each) && each.arn == "":
			fixes = append(fixes, "SNS removes subscribers that do not confirm")
		case s.isStranger(each):
			fixes = append(fixes, fmt.Sprintf("aws sns unsubscribe --subscription-arn %s --region %s, or add %s to the stack's configuration", each.arn, s.Region, each.name))
		case each.arn == "":
			fixes = append(fixes, each.name+" must follow the link in the message from SNS")
		}
	}
	return fixes
}

// subscribersNotJudged lists the subscribers if the descriptor does not name the
// deployed ones.
func (s *setting) subscribersNotJudged() outcome {
	if len(s.found.value.subscribers) == 0 || s.namesSubscribers() {
		return outcome{}
	}
	var names []string
	for _, each := range s.found.value.subscribers {
		names = append(names, each.name)
	}
	return skip("the descriptor lists no subscribers, so these are not compared: " + strings.Join(names, ", "))
}
