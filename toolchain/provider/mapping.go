package main

import (
	"slices"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
)

const packageName = "openstack"

// longestName is what the services accept as a name.
const longestName = 255

// renamed are the properties whose SDK names do not follow from the Terraform schema.
var renamed = map[string]map[string]*tfbridge.SchemaInfo{
	"openstack_networking_subnet_v2":   {"allocation_pool": {Name: "allocationPools"}},
	"openstack_orchestration_stack_v1": {"outputs": {Name: "StackOutputs"}},
}

// leftovers are the names that have no counterpart on the other side.
type leftovers struct {
	Resources   []string `json:"resources"`
	DataSources []string `json:"data_sources"`
	Tokens      []string `json:"tokens"`
}

// newProvider maps every Terraform type that the SDK knows to its token.
func newProvider(table tokenTable) (tfbridge.ProviderInfo, leftovers) {
	provider := tfbridge.ProviderInfo{
		P:                       sdkv2.NewProvider(openstack.Provider()),
		Name:                    packageName,
		Version:                 version,
		GitHubOrg:               "terraform-provider-openstack",
		TFProviderModuleVersion: "v3",
		Resources:               map[string]*tfbridge.ResourceInfo{},
		DataSources:             map[string]*tfbridge.DataSourceInfo{},
	}
	resources, unmappedResources := match(newTokenIndex(resource, table.Resources), provider.P.ResourcesMap())
	functions, unmappedSources := match(newTokenIndex(function, table.Functions), provider.P.DataSourcesMap())
	for terraformType, token := range resources {
		provider.Resources[terraformType] = &tfbridge.ResourceInfo{
			Tok: tokens.Type(token), Fields: renamed[terraformType],
		}
	}
	for terraformType, token := range functions {
		provider.DataSources[terraformType] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(token)}
	}
	provider.IgnoreMappings = append(slices.Clone(unmappedResources), unmappedSources...)
	provider.SetAutonaming(longestName, "-")
	return provider, leftovers{
		Resources:   unmappedResources,
		DataSources: unmappedSources,
		Tokens:      append(unused(table.Resources, resources), unused(table.Functions, functions)...),
	}
}

// match returns the token of each Terraform type, and the types that have none.
func match(index tokenIndex, types shim.ResourceMap) (matched map[string]string, unmatched []string) {
	matched, unmatched = map[string]string{}, []string{}
	types.Range(func(terraformType string, _ shim.Resource) bool {
		if token, found := index.find(terraformType); found {
			matched[terraformType] = token
		} else {
			unmatched = append(unmatched, terraformType)
		}
		return true
	})
	slices.Sort(unmatched)
	return matched, unmatched
}

// unused returns the tokens that no Terraform type took.
func unused(all []string, matched map[string]string) []string {
	used := make(map[string]bool, len(matched))
	for _, token := range matched {
		used[token] = true
	}
	rest := []string{}
	for _, token := range all {
		if !used[token] {
			rest = append(rest, token)
		}
	}
	return rest
}
