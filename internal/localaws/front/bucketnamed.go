package front

import (
	"bytes"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxNamed is the maximum number of configurations of a kind per bucket.
const maxNamed = 1000

// namedKind is a kind of configuration with an id, of which a bucket can have
// several. The emulator has no Intelligent-Tiering configurations, keeps only a part
// of inventories, and cannot delete them.
type namedKind struct {
	subresource string
	// listed is the root element of the list response.
	listed string
	// check returns the error that S3 would reject a configuration with.
	check func(body []byte, id string) error
}

var (
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html
	tieringKind = namedKind{"intelligent-tiering", "ListBucketIntelligentTieringConfigurationsOutput", checkTiering}
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html
	inventoryKind = namedKind{"inventory", "ListInventoryConfigurationsResult", checkInventory}
)

func (f *Front) namedHandlers() map[string]handler {
	return map[string]handler{
		"GetBucketIntelligentTieringConfiguration":    tieringKind.get(f),
		"PutBucketIntelligentTieringConfiguration":    tieringKind.put(f),
		"DeleteBucketIntelligentTieringConfiguration": tieringKind.delete(f),
		"GetBucketInventoryConfiguration":             inventoryKind.get(f),
		"PutBucketInventoryConfiguration":             inventoryKind.put(f),
		"DeleteBucketInventoryConfiguration":          inventoryKind.delete(f),
	}
}

var errNoSuchConfiguration = notFound("NoSuchConfiguration", "The specified configuration does not exist.")

// get returns one configuration as it was put, or all of them if no id is given.
func (k namedKind) get(f *Front) handler {
	return func(w http.ResponseWriter, c *call) error {
		if err := f.mustExist(c, c.bucket); err != nil {
			return err
		}
		kept := f.buckets.get(c.bucket).named
		body := k.list(kept)
		if c.query.Has("id") {
			if body = kept[k.key(c)]; body == nil {
				return errNoSuchConfiguration
			}
		}
		identify(w)
		writeBody(w, http.StatusOK, "application/xml", body)
		return nil
	}
}

func (k namedKind) list(kept map[string][]byte) []byte {
	var all bytes.Buffer
	all.WriteString(xml.Header + "<" + k.listed + ` xmlns="` + s3Namespace + `"><IsTruncated>false</IsTruncated>`)
	for _, key := range slices.Sorted(maps.Keys(kept)) {
		if strings.HasPrefix(key, k.subresource+" ") {
			all.Write(withoutProlog(kept[key]))
		}
	}
	all.WriteString("</" + k.listed + ">")
	return all.Bytes()
}

func withoutProlog(document []byte) []byte {
	if _, after, found := bytes.Cut(document, []byte("?>")); found && bytes.HasPrefix(document, []byte("<?xml")) {
		return after
	}
	return document
}

func (k namedKind) put(f *Front) handler {
	return func(w http.ResponseWriter, c *call) error {
		if err := f.mustExist(c, c.bucket); err != nil {
			return err
		}
		body, err := c.readBody()
		if err != nil {
			return err
		}
		if err := k.check(body, c.query.Get("id")); err != nil {
			return err
		}
		kept := f.buckets.get(c.bucket).named
		if kept[k.key(c)] == nil && len(kept) >= maxNamed {
			return badRequest("TooManyConfigurations", "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.")
		}
		f.updateNamed(c.bucket, func(named map[string][]byte) { named[k.key(c)] = body })
		identify(w)
		w.WriteHeader(http.StatusOK)
		return nil
	}
}

func (k namedKind) delete(f *Front) handler {
	return func(w http.ResponseWriter, c *call) error {
		if err := f.mustExist(c, c.bucket); err != nil {
			return err
		}
		if f.buckets.get(c.bucket).named[k.key(c)] == nil {
			return errNoSuchConfiguration
		}
		f.updateNamed(c.bucket, func(named map[string][]byte) { delete(named, k.key(c)) })
		identify(w)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

func (k namedKind) key(c *call) string { return k.subresource + " " + c.query.Get("id") }

// updateNamed modifies a copy, so that previously read configurations stay
// unchanged.
func (f *Front) updateNamed(name string, change func(named map[string][]byte)) {
	f.buckets.update(name, func(b *bucket) {
		named := maps.Clone(b.named)
		if named == nil {
			named = map[string][]byte{}
		}
		change(named)
		b.named = named
	})
}
