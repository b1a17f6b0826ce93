package alarms

import (
	"net/http"
	"net/url"
	"time"
)

// api is a CloudWatch operation on alarms. It decodes a request and returns the
// response while holding the lock.
type api func(s *Service, place Place, read func(any) error) (any, error)

// apiOf makes an api from a function of its input. None has no result.
func apiOf[In any](do func(*Service, Place, *In) (any, error)) api {
	return func(s *Service, place Place, read func(any) error) (any, error) {
		in := new(In)
		if err := read(in); err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return do(s, place, in)
	}
}

// none is the result of operations without one.
type none struct{}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
var apis = map[string]api{
	"PutMetricAlarm":          apiOf((*Service).putMetricAlarm),
	"PutCompositeAlarm":       apiOf((*Service).putCompositeAlarm),
	"DeleteAlarms":            apiOf((*Service).deleteAlarms),
	"DescribeAlarms":          apiOf((*Service).describeAlarms),
	"DescribeAlarmsForMetric": apiOf((*Service).describeAlarmsForMetric),
	"DescribeAlarmHistory":    apiOf((*Service).describeAlarmHistory),
	"SetAlarmState":           apiOf((*Service).setAlarmState),
	"EnableAlarmActions":      apiOf(enableActions(true)),
	"DisableAlarmActions":     apiOf(enableActions(false)),
	"TagResource":             apiOf((*Service).tagResource),
	"UntagResource":           apiOf((*Service).untagResource),
	"ListTagsForResource":     apiOf((*Service).listTagsForResource),
}

// Answers reports whether an operation of CloudWatch is handled here rather than by
// the emulator.
func (s *Service) Answers(name string) bool { return apis[name] != nil }

// Answer handles a request.
func (s *Service) Answer(w http.ResponseWriter, place Place, name string, header http.Header, body []byte) {
	result, err := apis[name](s, place, func(into any) error { return decode(header, body, into) })
	if err != nil {
		refuse(w, header, err)
		return
	}
	s.wakeUp()
	reply(w, header, name, result)
}

// putMetricData has the fields of PutMetricData that alarms are evaluated on.
type putMetricData struct {
	Namespace  string
	MetricData list[struct {
		MetricName, Unit string
		Dimensions       list[Dimension]
		Timestamp        *stamp
		Value            *number
		Values, Counts   list[number]
		StatisticValues  *struct{ SampleCount, Sum, Minimum, Maximum number }
	}]
}

// Observe records metrics that a client put to CloudWatch.
func (s *Service) Observe(place Place, header http.Header, body []byte) error {
	var put putMetricData
	if err := decode(header, body, &put); err != nil {
		return err
	}
	s.observe(place, &put, time.Now())
	return nil
}

// Published records metrics that the local AWS itself put to CloudWatch, as a
// PutMetricData form.
func (s *Service) Published(account, region string, form url.Values) {
	var put putMetricData
	if err := decodeForm(form, &put); err != nil {
		s.options.Log.Error("alarms do not know of metrics", "error", err)
		return
	}
	s.observe(Place{account, region}, &put, time.Now())
}

func (s *Service) observe(place Place, put *putMetricData, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	metrics := s.at(place).metrics
	for _, datum := range put.MetricData {
		id := newMetricID(put.Namespace, datum.MetricName, datum.Dimensions)
		base := sample{at: now, unit: datum.Unit}
		if datum.Timestamp != nil {
			base.at = time.Time(*datum.Timestamp)
		}
		add := func(each sample) {
			each.at, each.unit = base.at, base.unit
			metrics[id] = metrics[id].add(each, now)
		}
		switch {
		case datum.StatisticValues != nil:
			v := datum.StatisticValues
			add(sample{sum: float64(v.Sum), minimum: float64(v.Minimum), maximum: float64(v.Maximum), n: float64(v.SampleCount)})
		case datum.Value != nil:
			add(valued(float64(*datum.Value), 1))
		}
		for i, value := range datum.Values {
			count := 1.0
			if i < len(datum.Counts) {
				count = float64(datum.Counts[i])
			}
			add(valued(float64(value), count))
		}
	}
}

func valued(value, count float64) sample {
	return sample{sum: value * count, minimum: value, maximum: value, n: count}
}
