// Command pulumi-resource-random makes random values that stay the same until their inputs change.
package main

import (
	"github.com/pulumi/pulumi-go-provider/infer"

	"agent-platform/toolchain/providers/serving"
)

// version is that of the SDK in requirements.lock, which asks the engine for exactly this plugin.
const version = "4.21.4"

func main() {
	serving.Main(plugin())
}

func plugin() serving.Plugin {
	return serving.Plugin{
		Name:    "random",
		Version: version,
		Resources: []infer.InferredResource{
			infer.Resource(RandomPassword{}),
			infer.Resource(RandomString{}),
			infer.Resource(RandomId{}),
			infer.Resource(RandomBytes{}),
		},
	}
}
