package alarms

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// refusal is an error response of CloudWatch.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

func invalid(format string, args ...any) error {
	return &refusal{"ValidationError", fmt.Sprintf(format, args...)}
}

// speaksJSON reports whether a request uses the JSON protocol, not the query
// protocol.
func speaksJSON(header http.Header) bool { return header.Get("X-Amz-Target") != "" }

// decode parses a request in either protocol.
func decode(header http.Header, body []byte, into any) error {
	if !speaksJSON(header) {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return invalid("the form can't be read: %v", err)
		}
		return decodeForm(form, into)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return invalid("the request can't be read: %v", err)
	}
	return nil
}

func decodeForm(form url.Values, into any) error {
	tree := node{}
	for key, values := range form {
		tree.set(strings.Split(key, "."), values[0])
	}
	text, err := json.Marshal(tree.value())
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return invalid("the request can't be read: %v", err)
	}
	return nil
}

// node is a value in a form, such as the part of "Dimensions.member.1.Name" after
// one of the dots.
type node struct {
	text  string
	inner map[string]*node
}

func (n *node) set(path []string, text string) {
	if len(path) == 0 {
		n.text = text
		return
	}
	if n.inner == nil {
		n.inner = map[string]*node{}
	}
	next, ok := n.inner[path[0]]
	if !ok {
		next = &node{}
		n.inner[path[0]] = next
	}
	next.set(path[1:], text)
}

// value returns a string, a map of values, or a list of values. A list is a node
// whose only element is "member", with numbered elements.
func (n *node) value() any {
	if n.inner == nil {
		return n.text
	}
	if members, ok := n.inner["member"]; ok && len(n.inner) == 1 {
		return members.members()
	}
	values := map[string]any{}
	for name, each := range n.inner {
		values[name] = each.value()
	}
	return values
}

func (n *node) members() []any {
	var places []int
	for name := range n.inner {
		if place, err := strconv.Atoi(name); err == nil {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	values := []any{}
	for _, place := range places {
		if each, ok := n.inner[strconv.Itoa(place)]; ok {
			values = append(values, each.value())
		}
	}
	return values
}

// reply writes a result in the protocol of the request.
func reply(w http.ResponseWriter, header http.Header, api string, result any) {
	id := rand.Text()
	w.Header().Set("X-Amzn-Requestid", id)
	if speaksJSON(header) {
		body, err := json.Marshal(result)
		write(w, http.StatusOK, "application/x-amz-json-1.0", body, err)
		return
	}
	var body bytes.Buffer
	body.WriteString(`<` + api + `Response xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">`)
	err := xml.NewEncoder(&body).EncodeElement(result, xml.StartElement{Name: xml.Name{Local: api + "Result"}})
	body.WriteString(`<ResponseMetadata><RequestId>` + id + `</RequestId></ResponseMetadata></` + api + `Response>`)
	write(w, http.StatusOK, "text/xml", body.Bytes(), err)
}

// refuse writes an error in the protocol of the request.
func refuse(w http.ResponseWriter, header http.Header, err error) {
	var known *refusal
	status := http.StatusBadRequest
	if !errors.As(err, &known) {
		known, status = &refusal{"InternalServiceFault", "crr local AWS: " + err.Error()}, http.StatusInternalServerError
	}
	if known.code == "ResourceNotFound" {
		status = http.StatusNotFound
	}
	id := rand.Text()
	w.Header().Set("X-Amzn-Requestid", id)
	if speaksJSON(header) {
		w.Header().Set("X-Amzn-Query-Error", known.code+";Sender")
		body, err := json.Marshal(map[string]string{"__type": known.code, "message": known.message})
		write(w, status, "application/x-amz-json-1.0", body, err)
		return
	}
	body, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"http://monitoring.amazonaws.com/doc/2010-08-01/ ErrorResponse"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Type: "Sender", Code: known.code, Message: known.message, RequestID: id})
	write(w, status, "text/xml", body, err)
}

func write(w http.ResponseWriter, status int, contentType string, body []byte, err error) {
	if err != nil {
		panic("alarms: documents of ours always marshal: " + err.Error())
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have disconnected
}
