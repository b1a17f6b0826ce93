package lambda

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/messenger"
)

// eventsPrincipal is the service principal of EventBridge.
const eventsPrincipal = "events.amazonaws.com"

// schedule calls the targets of an EventBridge rule periodically.
type schedule struct {
	every time.Duration
	calls string // to detect changed targets
	stop  context.CancelFunc
}

// rule has the fields of an EventBridge rule that are used here.
type rule struct {
	Name, Arn, State, ScheduleExpression, EventBusName string
}

type target struct{ Arn, Input string }

// RulesChanged reloads the rules of an account and region, which may have changed.
func (s *Service) RulesChanged(account, region string) {
	s.running.Go(func() {
		if err := s.readRules(s.life, account, region); err != nil && s.life.Err() == nil {
			s.options.Log.Warn("schedules may be out of date", "account", account, "region", region, "error", err)
		}
	})
}

func (s *Service) readRules(ctx context.Context, account, region string) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	var list struct{ Rules []rule }
	if err := s.askEvents(ctx, account, region, "ListRules", struct{}{}, &list); err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, each := range list.Rules {
		if each.ScheduleExpression == "" || each.State != "ENABLED" {
			continue
		}
		var found struct{ Targets []target }
		if err := s.askEvents(ctx, account, region, "ListTargetsByRule", map[string]string{"Rule": each.Name}, &found); err != nil {
			return err
		}
		wanted[each.Arn] = true
		s.keep(account, region, each, found.Targets)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix := "arn:aws:events:" + region + ":" + account + ":"
	for arn, kept := range s.rules {
		if strings.HasPrefix(arn, prefix) && !wanted[arn] {
			kept.stop()
			delete(s.rules, arn)
		}
	}
	return nil
}

// keep starts the schedule of a rule, unless it already runs.
func (s *Service) keep(account, region string, r rule, targets []target) {
	every, err := s.rate(r.ScheduleExpression)
	if err != nil {
		s.options.Log.Warn("a schedule is not kept", "rule", r.Name, "error", err)
		return
	}
	calls := fmt.Sprint(targets)
	s.mu.Lock()
	defer s.mu.Unlock()
	if running, ok := s.rules[r.Arn]; ok {
		if running.every == every && running.calls == calls {
			return
		}
		running.stop()
	}
	ctx, stop := context.WithCancel(s.life)
	s.rules[r.Arn] = &schedule{every, calls, stop}
	s.running.Go(func() { s.tick(ctx, account, region, r, every, targets) })
}

func (s *Service) tick(ctx context.Context, account, region string, r rule, every time.Duration, targets []target) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			for _, each := range targets {
				if err := s.messages.Send(ctx, each.Arn, messenger.Message{
					Service: eventsPrincipal, SourceARN: r.Arn, SourceAccount: account, Body: each.event(account, region, r.Arn, now),
				}); err != nil && ctx.Err() == nil {
					s.options.Log.Warn("a rule could not call its target", "rule", r.Name, "target", each.Arn, "error", err)
				}
			}
		}
	}
}

// event returns the input for a target.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
func (t target) event(account, region, ruleARN string, now time.Time) string {
	if t.Input != "" {
		return t.Input
	}
	text, err := json.Marshal(map[string]any{
		"version": "0", "id": strings.ToLower(rand.Text()), "detail-type": "Scheduled Event", "source": "aws.events", "account": account,
		"time": now.UTC().Format(time.RFC3339), "region": region, "resources": []string{ruleARN}, "detail": struct{}{},
	})
	if err != nil {
		panic("lambda: documents of ours always marshal: " + err.Error())
	}
	return string(text)
}

var rateExpression = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

// rate returns the interval of a schedule here.
func (s *Service) rate(expression string) (time.Duration, error) {
	match := rateExpression.FindStringSubmatch(expression)
	if match == nil {
		return 0, fmt.Errorf("the local AWS supports rates such as rate(5 minutes), not %s", expression)
	}
	count, err := strconv.Atoi(match[1])
	if err != nil || count == 0 {
		return 0, fmt.Errorf("%s is not a rate", expression)
	}
	minutes := map[string]time.Duration{"minute": 1, "hour": 60, "day": 24 * 60}[match[2]]
	return time.Duration(count) * minutes * s.options.Minute, nil
}

func (s *Service) askEvents(ctx context.Context, account, region, operation string, input, output any) error {
	accessKey, err := s.accounts.KeyOf(ctx, account)
	if err != nil {
		return err
	}
	body, err := json.Marshal(input)
	if err != nil {
		return fmt.Errorf("asking EventBridge: %w", err)
	}
	answer, err := s.client.Ask(ctx, emulator.Question{
		Method: http.MethodPost, Host: "events." + region + ".amazonaws.com", Path: "/", Service: "events", Region: region, AccessKey: accessKey,
		Header: http.Header{"X-Amz-Target": {"AWSEvents." + operation}, "Content-Type": {"application/x-amz-json-1.1"}}, Body: body,
	})
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		return answer.Unexpected("EventBridge")
	}
	return json.Unmarshal(answer.Body, output)
}
