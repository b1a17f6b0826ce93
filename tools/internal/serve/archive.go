package serve

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/awstypes"
)

// files maps between a resource that takes an archive in Pulumi and the same
// resource in Terraform, which takes the path of a file. The path is derived from
// the archive's contents, so that a change of them is a change of the property.
type files struct {
	property string // the Pulumi property with the archive, "" when there is none
	archives map[string]*archive.Archive
	values   map[string]*structpb.Value
	written  []string
}

func archives(urn string) *files {
	return &files{
		property: awstypes.ArchiveProperty(string(resource.URN(urn).Type())),
		archives: map[string]*archive.Archive{},
		values:   map[string]*structpb.Value{},
	}
}

// hide replaces the archive in props by its path.
func (f *files) hide(props *structpb.Struct) (*structpb.Struct, error) {
	value, ok := props.GetFields()[f.property]
	if f.property == "" || !ok {
		return props, nil
	}
	v, err := plugin.UnmarshalPropertyValue(resource.PropertyKey(f.property), value,
		plugin.MarshalOptions{KeepUnknowns: true, ComputeAssetHashes: true})
	if err != nil {
		return nil, err
	}
	if v == nil || !v.IsArchive() {
		return props, nil
	}
	a := v.ArchiveValue()
	path := filepath.Join(os.TempDir(), "crr-aws-"+a.Hash+".zip")
	f.archives[path], f.values[path] = a, value
	replaced := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for name, v := range props.GetFields() {
		replaced.Fields[name] = v
	}
	replaced.Fields[f.property] = structpb.NewStringValue(path)
	return replaced, nil
}

func (f *files) hide2(a, b *structpb.Struct) (*structpb.Struct, *structpb.Struct, error) {
	a, err := f.hide(a)
	if err != nil {
		return nil, nil, err
	}
	b, err = f.hide(b)
	return a, b, err
}

// show replaces the path by the archive.
func (f *files) show(props *structpb.Struct) {
	if path, ok := props.GetFields()[f.property]; ok && f.property != "" {
		if value, ok := f.values[path.GetStringValue()]; ok {
			props.Fields[f.property] = value
		}
	}
}

// write writes the files that Terraform will read. An archive from the state has no
// contents; it is not the one to be read.
func (f *files) write() error {
	for path, a := range f.archives {
		if !a.HasContents() {
			continue
		}
		contents, err := a.Bytes(archive.ZIPArchive)
		if err != nil {
			return fmt.Errorf("%s: %w", f.property, err)
		}
		if err := os.WriteFile(path, contents, 0o600); err != nil {
			return fmt.Errorf("%s: %w", f.property, err)
		}
		f.written = append(f.written, path)
	}
	return nil
}

// remove deletes the files that write created.
func (f *files) remove() {
	for _, path := range f.written {
		_ = os.Remove(path) // a file that is left in the temporary directory does no harm
	}
}
