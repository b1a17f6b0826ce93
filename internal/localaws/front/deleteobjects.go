package front

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const maxKeysPerDelete = 1000

// deletion is the body of a DeleteObjects request.
type deletion struct {
	XMLName xml.Name    `xml:"Delete"`
	Quiet   bool        `xml:"Quiet,omitempty"`
	Objects []objectRef `xml:"Object"`
}

// objectRef identifies an object, with the conditions that newer clients may set.
type objectRef struct {
	Key       string `xml:"Key"`
	VersionID string `xml:"VersionId,omitempty"`
	ETag      string `xml:"ETag,omitempty"`
}

// deletionError is the error for an object in the response.
type deletionError struct {
	XMLName   xml.Name `xml:"Error"`
	Key       string   `xml:"Key"`
	VersionID string   `xml:"VersionId,omitempty"`
	Code      string   `xml:"Code"`
	Message   string   `xml:"Message"`
}

// deleteObjects decides for each key. The emulator gets only the allowed ones.
func (f *Front) deleteObjects(w http.ResponseWriter, c *call) error {
	body, err := c.readBody()
	if err != nil {
		return err
	}
	var wanted deletion
	if err := xml.Unmarshal(body, &wanted); err != nil || len(wanted.Objects) == 0 || len(wanted.Objects) > maxKeysPerDelete {
		return errMalformedXML
	}
	allowed, refused, err := f.sortDeletions(c, wanted)
	if err != nil {
		return err
	}
	if len(allowed.Objects) == 0 {
		return answerDeletion(w, refused)
	}
	present := map[objectRef]bool{}
	for _, object := range allowed.Objects {
		id := objectRef{Key: object.Key, VersionID: object.VersionID}
		if present[id], err = f.present(c, object.Key, object.VersionID); err != nil {
			return err
		}
	}
	emulated, changed := f.translateDeletion(c, allowed)
	if changed || len(refused) > 0 {
		if err := replaceDeletion(c, emulated); err != nil {
			return err
		}
	}
	f.passOn(w, c, func(answer *http.Response) error {
		if err := f.publishDeletions(c, answer, present); err != nil {
			return err
		}
		if wanted.Quiet {
			if err := dropDeleted(answer); err != nil {
				return err
			}
		}
		if len(refused) == 0 {
			return nil
		}
		return addRefusals(answer, refused)
	})
	return nil
}

func (f *Front) sortDeletions(c *call, wanted deletion) (allowed deletion, refused []deletionError, err error) {
	allowed = deletion{Quiet: wanted.Quiet}
	for _, object := range wanted.Objects {
		err := f.mayDelete(c, object)
		var answer *fault
		switch {
		case err == nil:
			allowed.Objects = append(allowed.Objects, object)
		case errors.As(err, &answer):
			refused = append(refused, deletionError{Key: object.Key, VersionID: object.VersionID, Code: answer.code, Message: answer.message})
		default:
			return deletion{}, nil, err
		}
	}
	return allowed, refused, nil
}

func (f *Front) mayDelete(c *call, object objectRef) error {
	of := c.target
	of.key = object.Key
	if object.VersionID == "" {
		return f.check(c, permission{"s3:DeleteObject", of, ""})
	}
	if err := f.check(c, permission{"s3:DeleteObjectVersion", of, object.VersionID}); err != nil {
		return err
	}
	if !versionForm.MatchString(object.VersionID) {
		return notFound("NoSuchVersion", "The specified version does not exist.")
	}
	if bypassesGovernance(c.request.Header) {
		return f.check(c, permission{"s3:BypassGovernanceRetention", of, object.VersionID})
	}
	return nil
}

// replaceDeletion replaces the list of objects in a request.
func replaceDeletion(c *call, shorter deletion) error {
	body, err := xml.Marshal(shorter)
	if err != nil {
		return fmt.Errorf("writing the keys that may be deleted: %w", err)
	}
	rewriteRequest(c.request, body)
	return nil
}

// rewriteRequest replaces the body of a request, and removes the checksums of the
// old one.
func rewriteRequest(r *http.Request, body []byte) {
	replaceRequest(r, body)
	for name := range r.Header {
		if name == "Content-Md5" || strings.HasPrefix(name, "X-Amz-Checksum-") {
			r.Header.Del(name)
		}
	}
}

func answerDeletion(w http.ResponseWriter, refused []deletionError) error {
	identify(w)
	writeXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
		Refused []deletionError
	}{Refused: refused})
	return nil
}

var deletedElement = regexp.MustCompile(`(?s)<Deleted>.*?</Deleted>`)

// dropDeleted removes everything but the errors from a response, as for quiet
// requests.
func dropDeleted(answer *http.Response) error {
	body, err := readAnswer(answer)
	if err != nil {
		return err
	}
	replaceAnswer(answer, deletedElement.ReplaceAll(body, nil))
	return nil
}

// addRefusals appends the front's errors to the emulator's response.
func addRefusals(answer *http.Response, refused []deletionError) error {
	if answer.StatusCode != http.StatusOK {
		return nil
	}
	body, err := readAnswer(answer)
	if err != nil {
		return err
	}
	errorsXML, err := xml.Marshal(refused)
	if err != nil {
		return fmt.Errorf("writing the keys that may not be deleted: %w", err)
	}
	end := bytes.LastIndex(body, []byte("</"))
	if end < 0 {
		body, end = []byte("<DeleteResult></DeleteResult>"), len("<DeleteResult>")
	}
	replaceAnswer(answer, slices.Concat(body[:end], errorsXML, body[end:]))
	return nil
}
