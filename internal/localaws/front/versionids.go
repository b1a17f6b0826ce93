package front

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// versionForm matches version ids: the emulator's, and S3's, which are opaque.
var versionForm = regexp.MustCompile(`^(?:null|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9._]{32})$`)

// checkVersion rejects a malformed version id.
func (c *call) checkVersion() error {
	if version := c.version(); c.query.Has("versionId") && !versionForm.MatchString(version) {
		return invalidArgument("versionId", version, "Invalid version id specified")
	}
	return nil
}

// translate replaces the version ids of the client by the emulator's, in the query
// and in the copy source.
func (f *Front) translate(c *call) {
	f.translateParameter(c, "versionId", c.key)
	f.translateParameter(c, "version-id-marker", c.query.Get("key-marker"))
	header := c.request.Header.Get("X-Amz-Copy-Source")
	if source, version, ok := parseCopySource(header); ok && version != "" {
		emulated := f.replicator.EmulatedVersion(replicator.ObjectID{Bucket: source.bucket, Key: source.key, Version: version})
		path, _, _ := strings.Cut(header, "?")
		c.request.Header.Set("X-Amz-Copy-Source", path+"?versionId="+url.QueryEscape(emulated))
	}
}

// translateParameter leaves all other parameters unchanged.
func (f *Front) translateParameter(c *call, name, key string) {
	version := c.query.Get(name)
	if version == "" {
		return
	}
	emulated := f.replicator.EmulatedVersion(replicator.ObjectID{Bucket: c.bucket, Key: key, Version: version})
	if emulated == version {
		return
	}
	parameters := strings.Split(c.request.URL.RawQuery, "&")
	for i, parameter := range parameters {
		if strings.HasPrefix(parameter, name+"=") {
			parameters[i] = name + "=" + url.QueryEscape(emulated)
		}
	}
	c.request.URL.RawQuery = strings.Join(parameters, "&")
}

// translated wraps an amendment so that it and the client get public version ids.
func (f *Front) translated(c *call, amend amendment) amendment {
	return func(answer *http.Response) error {
		source, _, _ := parseCopySource(c.request.Header.Get("X-Amz-Copy-Source"))
		for name, of := range map[string]target{"X-Amz-Version-Id": c.target, "X-Amz-Copy-Source-Version-Id": source} {
			if version := answer.Header.Get(name); version != "" {
				answer.Header.Set(name, f.replicator.PublicVersion(replicator.ObjectID{Bucket: of.bucket, Key: of.key, Version: version}))
			}
		}
		if c.operation.name == "ListObjectVersions" || c.operation.name == "DeleteObjects" {
			body, err := readAnswer(answer)
			if err != nil {
				return err
			}
			replaceAnswer(answer, f.replicator.PublicVersions(c.bucket, body))
		}
		if amend == nil {
			return nil
		}
		return amend(answer)
	}
}

// translateDeletion translates the body of a DeleteObjects request.
func (f *Front) translateDeletion(c *call, wanted deletion) (translated deletion, changed bool) {
	translated = deletion{Quiet: wanted.Quiet}
	for _, object := range wanted.Objects {
		if object.VersionID != "" {
			emulated := f.replicator.EmulatedVersion(replicator.ObjectID{Bucket: c.bucket, Key: object.Key, Version: object.VersionID})
			changed = changed || emulated != object.VersionID
			object.VersionID = emulated
		}
		translated.Objects = append(translated.Objects, object)
	}
	return translated, changed
}
