// Command pulumi-resource-tls makes keys and certificates that live in a stack's state.
package main

import (
	"time"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"agent-platform/toolchain/providers/serving"
)

// version is that of the SDK in requirements.lock, which asks the engine for exactly this plugin.
const version = "5.6.2"

func main() {
	serving.Main(plugin())
}

func plugin() serving.Plugin {
	return serving.Plugin{
		Name:    "tls",
		Version: version,
		Resources: []infer.InferredResource{
			infer.Resource(PrivateKey{}),
			infer.Resource(CertRequest{}),
			infer.Resource(SelfSignedCert{}),
			infer.Resource(LocallySignedCert{}),
		},
		Stale: func(_ urn.URN, state property.Map) (string, bool) {
			return "readyForRenewal", expiring(state, time.Now())
		},
	}
}
