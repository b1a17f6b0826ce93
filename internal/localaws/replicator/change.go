package replicator

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
)

// deleteReplica creates a delete marker at the destination.
func (e *Engine) deleteReplica(ctx context.Context, o *order) (result, error) {
	if e.versions.replicated(o.replicaID()) {
		return result{}, nil
	}
	answer, err := e.create(ctx, o, s3Call{method: http.MethodDelete, object: o.target(), account: o.destination.Account})
	if err == nil && answer.Status >= http.StatusMultipleChoices {
		err = fmt.Errorf("deleting %s: %w", o.task.event.Object.Key, unexpected("S3", answer))
	}
	return result{}, err
}

// changed returns the version at the destination that a change applies to: the
// replica, or the version that the source is a replica of. There may be none.
func (e *Engine) changed(o *order) (ObjectID, bool) {
	id := o.replicaID()
	if o.object.Replica || e.versions.replicated(id) {
		return e.emulated(id), true
	}
	return ObjectID{}, false
}

// tagging is the tag set of an object.
type tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

type tag struct {
	Key   string
	Value string
}

// tags reads the tags of the source.
func (e *Engine) tags(ctx context.Context, o *order) (tagging, error) {
	var tags tagging
	answer, err := e.must(ctx, s3Call{
		method: http.MethodGet, object: e.source(o), account: o.source.Account, query: url.Values{"tagging": {""}},
	})
	if err != nil {
		return tags, err
	}
	if err := xml.Unmarshal(answer.Body, &tags); err != nil {
		return tags, fmt.Errorf("reading the tags of %s: %w", o.task.event.Object.Key, err)
	}
	tags.XMLName = xml.Name{Local: "Tagging"}
	return tags, nil
}

// changeTags sets the replica's tags to the source's current ones.
func (e *Engine) changeTags(ctx context.Context, o *order) (result, error) {
	switch {
	case !o.readsTags:
		return failed("SrcGetTaggingNotPermitted"), nil
	case !o.writesTags:
		return failed("DstPutTaggingNotPermitted"), nil
	}
	replica, ok := e.changed(o)
	if !ok {
		return failed("DstVersionNotFound"), nil
	}
	tags, err := e.tags(ctx, o)
	if err != nil {
		return result{}, err
	}
	call := s3Call{method: http.MethodPut, object: replica, account: o.destination.Account, query: url.Values{"tagging": {""}}}
	if len(tags.Tags) == 0 {
		call.method = http.MethodDelete
	} else if call.body, err = xml.Marshal(tags); err != nil {
		return result{}, fmt.Errorf("writing the tags of %s: %w", o.task.event.Object.Key, err)
	}
	return e.change(ctx, call)
}

// changeACL applies the ACL that the client set on the source to the replica.
func (e *Engine) changeACL(ctx context.Context, o *order) (result, error) {
	replica, ok := e.changed(o)
	if !ok {
		return failed("DstVersionNotFound"), nil
	}
	return e.change(ctx, s3Call{
		method: http.MethodPut, object: replica, account: o.destination.Account, query: url.Values{"acl": {""}}, header: o.task.event.ACL,
	})
}

// change makes a change to a version that may have been deleted.
func (e *Engine) change(ctx context.Context, c s3Call) (result, error) {
	answer, err := e.s3(ctx, c)
	switch {
	case err != nil:
		return result{}, err
	case answer.Status == http.StatusNotFound:
		return failed("DstVersionNotFound"), nil
	case answer.Status >= http.StatusMultipleChoices:
		return result{}, unexpected("S3", answer)
	}
	return result{}, nil
}

// changeLock sets the replica's retention and legal hold to the source's current
// ones.
func (e *Engine) changeLock(ctx context.Context, o *order) (result, error) {
	replica, ok := e.changed(o)
	if !ok {
		return failed("DstVersionNotFound"), nil
	}
	head, err := e.s3(ctx, s3Call{method: http.MethodHead, object: e.source(o), account: o.source.Account})
	if err != nil {
		return result{}, err
	}
	if head.Status != http.StatusOK {
		return failed("SrcVersionNotFound"), nil
	}
	return result{}, e.lock(ctx, o, replica.Version, head.Header)
}

// lock sets the retention and legal hold of the source on a version at the
// destination.
func (e *Engine) lock(ctx context.Context, o *order, version string, source http.Header) error {
	replica := o.target()
	replica.Version = version
	put := func(subresource, document string) error {
		_, err := e.must(ctx, s3Call{
			method: http.MethodPut, object: replica, account: o.destination.Account, query: url.Values{subresource: {""}}, body: []byte(document),
			header: http.Header{"X-Amz-Bypass-Governance-Retention": {"true"}},
		})
		return err
	}
	if mode := source.Get("X-Amz-Object-Lock-Mode"); mode != "" {
		until := source.Get("X-Amz-Object-Lock-Retain-Until-Date")
		if err := put("retention", "<Retention><Mode>"+mode+"</Mode><RetainUntilDate>"+until+"</RetainUntilDate></Retention>"); err != nil {
			return err
		}
	}
	if hold := source.Get("X-Amz-Object-Lock-Legal-Hold"); hold != "" {
		return put("legal-hold", "<LegalHold><Status>"+hold+"</Status></LegalHold>")
	}
	return nil
}
