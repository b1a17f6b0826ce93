package awstypes

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/terraform"
)

// Package is the Pulumi package whose types are served.
const Package = "aws"

// Selected lists the Terraform types behind the table.
func Selected() terraform.Select {
	var s terraform.Select
	for _, r := range resources {
		s.Resources = append(s.Resources, r.Terraform)
	}
	for _, f := range functions {
		s.DataSources = append(s.DataSources, f.Terraform)
	}
	return s
}

// Provider describes the served part of pulumi-aws to the bridge. The version is
// pulumi-aws's.
func Provider(p shim.Provider, version string) info.Provider {
	return info.Provider{
		P:            p,
		Name:         Package,
		Version:      version,
		Description:  "The part of pulumi-aws that pulumi-aws-crr uses, over terraform-provider-aws.",
		Config:       config(),
		Resources:    resourceInfos(),
		DataSources:  functionInfos(),
		MetadataInfo: &info.Metadata{Path: "none", Data: info.ProviderMetadata(nil)},
		// Report every changed property by its path, not only the top-level ones.
		EnableAccuratePFBridgePreview: true,
	}
}

func resourceInfos() map[string]*info.Resource {
	infos := make(map[string]*info.Resource, len(resources))
	for _, r := range resources {
		fields := r.Overrides.fields()
		if r.Name != nil {
			fields[r.Name.property] = r.Name.schema()
		}
		if r.Archive != "" {
			fields[r.Archive].Asset = &info.AssetTranslation{Kind: info.FileArchive}
		}
		infos[r.Terraform] = &info.Resource{Tok: tokens.Type(Package + ":" + r.Token), Fields: fields}
	}
	return infos
}

func functionInfos() map[string]*info.DataSource {
	infos := make(map[string]*info.DataSource, len(functions))
	for _, f := range functions {
		infos[f.Terraform] = &info.DataSource{
			Tok:    tokens.ModuleMember(Package + ":" + f.Token),
			Fields: f.Overrides.fields(),
		}
	}
	return infos
}

// ArchiveProperty returns the property of a Pulumi type that takes an archive, or
// "".
func ArchiveProperty(token string) string {
	for _, r := range resources {
		if r.Archive != "" && Package+":"+r.Token == token {
			return r.Overrides[r.Archive].name
		}
	}
	return ""
}
