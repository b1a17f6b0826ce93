package access

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
)

// state is what `pulumi stack export` prints, as far as it matters here.
type state struct {
	Deployment struct {
		Resources []struct {
			URN, Type, Provider string
			RetainOnDelete      bool
			Inputs, Outputs     map[string]any
		}
	}
}

// Deployed reads the resources of a stack from what `pulumi stack export` prints.
func Deployed(exported []byte) ([]Resource, error) {
	var read state
	if err := json.Unmarshal(exported, &read); err != nil {
		return nil, fmt.Errorf("reading the state of the stack: %w", err)
	}
	providers := map[string]Resource{}
	var all []Resource
	home := ""
	for _, each := range read.Deployment.Resources {
		found := Resource{Type: each.Type, Name: nameOf(each.URN), Inputs: given(each.Inputs), Retained: each.RetainOnDelete}
		if each.Type == "pulumi:providers:aws" {
			found.Region, _ = each.Inputs["region"].(string)
			at := found
			if role := AssumedRole(each.Inputs); role != "" {
				found.Inputs["assumes"] = role
				at.AssumeRoleARN, at.Account = role, awsid.AccountOf(role)
			}
			providers[each.URN] = at
			all = append(all, found)
			continue
		}
		urn, _ := splitLast(each.Provider)
		at := providers[urn]
		found.Region, found.Account, found.AssumeRoleARN = at.Region, at.Account, at.AssumeRoleARN
		if arn, _ := each.Outputs["arn"].(string); found.Account == "" && found.AssumeRoleARN == "" {
			if account := known(awsid.AccountOf(arn)); account != "" {
				home = account
			}
		}
		all = append(all, found)
	}
	for i := range all {
		if all[i].AssumeRoleARN == "" {
			all[i].Account = home
		}
	}
	return all, nil
}

// given are the inputs without what Pulumi filled in, such as generated names.
func given(inputs map[string]any) map[string]any {
	kept := map[string]any{}
	for name, value := range inputs {
		kept[name] = value
	}
	defaults, _ := inputs["__defaults"].([]any)
	for _, name := range defaults {
		if text, isText := name.(string); isText {
			delete(kept, text)
		}
	}
	return kept
}

func nameOf(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	return path.Clean(parts[len(parts)-1])
}

// splitLast cuts the id off the reference to a provider.
func splitLast(reference string) (urn, id string) {
	i := strings.LastIndex(reference, "::")
	if i < 0 {
		return reference, ""
	}
	return reference[:i], reference[i+2:]
}
