// Command pulumi-resource-openstack serves terraform-provider-openstack under the type tokens of the
// pulumi_openstack SDK.
//
// With -mapping it prints, as JSON, which token stands for which Terraform type and under which names
// its properties go; the tests compare that with the SDK. All else is the plugin protocol.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/terraform-provider-openstack/utils/v2/auth"
)

// version is what the engine asks for; the linker sets it to the version of the SDK.
var version = "0.0.0"

// noSchema is the package schema: only SDK generators need one, and the SDK is there already.
var noSchema = []byte(`{}`)

func main() {
	table, err := readTokens()
	if err != nil {
		fail(err)
	}
	auth.Transport = newPatient
	provider, leftovers := newProvider(table)
	if len(os.Args) == 2 && os.Args[1] == "-mapping" {
		if err := json.NewEncoder(os.Stdout).Encode(describe(provider, leftovers)); err != nil {
			fail(err)
		}
		return
	}
	tfbridge.Main(packageName, version, provider, noSchema)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "pulumi-resource-openstack:", err)
	os.Exit(1)
}
