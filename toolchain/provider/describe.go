package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// description is what -mapping prints; tokens are its keys.
type description struct {
	Version       string                `json:"version"`
	Configuration map[string]property   `json:"configuration"`
	Resources     map[string]mappedType `json:"resources"`
	Functions     map[string]mappedType `json:"functions"`
	Leftovers     leftovers             `json:"leftovers"`
}

type mappedType struct {
	Terraform  string              `json:"terraform"`
	Properties map[string]property `json:"properties"`
}

// property is one property under the name that the engine knows it by; an object or a list of objects
// has properties of its own.
type property struct {
	Type       string              `json:"type"`
	Input      bool                `json:"input"`
	Properties map[string]property `json:"properties,omitempty"`
}

var typeNames = map[shim.ValueType]string{
	shim.TypeBool:   "bool",
	shim.TypeInt:    "int",
	shim.TypeFloat:  "float",
	shim.TypeString: "str",
	shim.TypeList:   "list",
	shim.TypeSet:    "list",
	shim.TypeMap:    "map",
}

func describe(provider tfbridge.ProviderInfo, rest leftovers) description {
	out := description{
		Version:       provider.Version,
		Configuration: properties(provider.P.Schema(), provider.Config),
		Resources:     make(map[string]mappedType, len(provider.Resources)),
		Functions:     make(map[string]mappedType, len(provider.DataSources)),
		Leftovers:     rest,
	}
	for terraformType, info := range provider.Resources {
		schema := provider.P.ResourcesMap().Get(terraformType).Schema()
		out.Resources[string(info.Tok)] = mappedType{terraformType, properties(schema, info.Fields)}
	}
	for terraformType, info := range provider.DataSources {
		schema := provider.P.DataSourcesMap().Get(terraformType).Schema()
		out.Functions[string(info.Tok)] = mappedType{terraformType, properties(schema, info.Fields)}
	}
	return out
}

func properties(schema shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo) map[string]property {
	out := map[string]property{}
	schema.Range(func(name string, attribute shim.Schema) bool {
		var nested map[string]property
		if object, isObject := attribute.Elem().(shim.Resource); isObject {
			nested = properties(object.Schema(), nil)
		}
		out[tfbridge.TerraformToPulumiNameV2(name, schema, infos)] = property{
			Type:       typeName(attribute, infos[name]),
			Input:      attribute.Required() || attribute.Optional(),
			Properties: nested,
		}
		return true
	})
	return out
}

// typeName names the type that the engine sees: a list of at most one element is that element.
func typeName(attribute shim.Schema, info *tfbridge.SchemaInfo) string {
	if !tfbridge.IsMaxItemsOne(attribute, info) {
		return typeNames[attribute.Type()]
	}
	if element, isScalar := attribute.Elem().(shim.Schema); isScalar {
		return typeNames[element.Type()]
	}
	return "object"
}
