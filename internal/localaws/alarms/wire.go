package alarms

import (
	"encoding/json"
	"encoding/xml"
	"strconv"
	"strings"
	"time"
)

// CloudWatch has a query protocol (forms and XML) and a JSON protocol. The types
// here encode and decode values in both: forms carry as strings what JSON carries as
// numbers.

type (
	number      float64
	whole       int
	flag        bool
	stamp       time.Time
	list[T any] []T
)

func unquoted(text []byte) string { return strings.Trim(string(text), `"`) }

// UnmarshalJSON reads 1.5 and "1.5".
func (n *number) UnmarshalJSON(text []byte) error {
	value, err := strconv.ParseFloat(unquoted(text), 64)
	*n = number(value)
	return err
}

// UnmarshalJSON reads 1 and "1".
func (w *whole) UnmarshalJSON(text []byte) error {
	value, err := strconv.Atoi(unquoted(text))
	*w = whole(value)
	return err
}

// UnmarshalJSON reads true and "true".
func (f *flag) UnmarshalJSON(text []byte) error {
	value, err := strconv.ParseBool(unquoted(text))
	*f = flag(value)
	return err
}

// stampText is the time format in XML and in messages.
const stampText = "2006-01-02T15:04:05.000Z"

// UnmarshalJSON reads a time as text, or as seconds since 1970.
func (s *stamp) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		at, err := time.Parse(time.RFC3339, unquoted(text))
		*s = stamp(at)
		return err
	}
	seconds, err := strconv.ParseFloat(string(text), 64)
	*s = stamp(time.UnixMilli(int64(seconds * 1000)))
	return err
}

// MarshalJSON writes seconds since 1970.
func (s stamp) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(s).UnixMilli()) / 1000)
}

// MarshalXML writes the time as text.
func (s stamp) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(time.Time(s).UTC().Format(stampText), start)
}

// UnmarshalJSON reads a list, and "", which means an empty list in forms.
func (l *list[T]) UnmarshalJSON(text []byte) error {
	if unquoted(text) == "" {
		*l = nil
		return nil
	}
	return json.Unmarshal(text, (*[]T)(l))
}

// MarshalJSON writes a list, never null.
func (l list[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// MarshalXML writes the list as members, and an empty one as an empty element.
func (l list[T]) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(struct {
		Members []T `xml:"member"`
	}{l}, start)
}
