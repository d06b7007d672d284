package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// tokensJSON lists the type tokens of the SDK; the build derives it from the installed SDK.
//
//go:embed tokens.json
var tokensJSON []byte

// tokenTable is what the SDK calls its resources and functions.
type tokenTable struct {
	Resources []string `json:"resources"`
	Functions []string `json:"functions"`
}

// exceptions are the names that the rule of tokenIndex cannot reach: misspelt, renamed, or outside of
// their service's module.
var exceptions = map[kind]map[string]string{
	resource: {
		"openstack_blockstorage_quotaset_v3": "openstack:blockstorage/quoteSetV3:QuoteSetV3",
		"openstack_objectstorage_object_v1":  "openstack:objectstorage/containerObject:ContainerObject",
		"openstack_taas_tap_mirror_v2":       "openstack:index/taasTapMirrorV2:TaasTapMirrorV2",
	},
	function: {
		"openstack_dns_zone_v2":                            "openstack:dns/getDnsZone:getDnsZone",
		"openstack_loadbalancer_flavor_v2":                 "openstack:loadbalancer/getLbFlavorDeprecated:getLbFlavorDeprecated",
		"openstack_sharedfilesystem_availability_zones_v2": "openstack:sharedfilesystem/getAvailbilityZones:getAvailbilityZones",
		"openstack_workflow_workflow_v2":                   "openstack:index/getWorkflowWorkflowV2:getWorkflowWorkflowV2",
	},
}

// modules are the SDK's words for services that Terraform abbreviates.
var modules = map[string]string{"db": "database", "fw": "firewall", "lb": "loadbalancer"}

var apiVersion = regexp.MustCompile(`v\d+$`)

// kind tells resources from functions, which the SDK may give the same name.
type kind int

const (
	resource kind = iota
	function
)

func readTokens() (tokenTable, error) {
	var table tokenTable
	if err := json.Unmarshal(tokensJSON, &table); err != nil {
		return table, fmt.Errorf("the embedded token table is unreadable: %w", err)
	}
	return table, nil
}

// tokenIndex finds the token of a Terraform type: of equal module, and of equal name but for case,
// underscores and the API version, which the SDK drops from some names and keeps in others.
type tokenIndex struct {
	kind   kind
	tokens map[string]string
}

func newTokenIndex(kind kind, tokens []string) tokenIndex {
	index := tokenIndex{kind, make(map[string]string, len(tokens))}
	for _, token := range tokens {
		parts := strings.Split(token, ":")
		module, _, _ := strings.Cut(parts[1], "/")
		index.tokens[key(module, strings.TrimPrefix(parts[2], "get"))] = token
	}
	return index
}

func (index tokenIndex) find(terraformType string) (token string, found bool) {
	if token, found = exceptions[index.kind][terraformType]; found {
		return token, true
	}
	service, name, _ := strings.Cut(strings.TrimPrefix(terraformType, "openstack_"), "_")
	if module, abbreviated := modules[service]; abbreviated {
		service = module
	}
	token, found = index.tokens[key(service, name)]
	return token, found
}

// key folds the two spellings of one name, ContainerV1 and container_v1, onto each other.
func key(module, name string) string {
	folded := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	return module + "." + apiVersion.ReplaceAllString(folded, "")
}
