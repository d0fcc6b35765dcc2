// Package serving runs an inferred provider under the name of an official plugin.
//
// The plugin answers for the resources it implements as the official one would, down to property
// names and the state it leaves, so that a stack can move from one to the other without a
// replacement. What it does not implement it refuses by name.
package serving

import (
	"context"
	"fmt"
	"os"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Plugin is what is served: a name, the version of the official plugin whose behaviour it follows,
// and the resources.
type Plugin struct {
	Name      string
	Version   string
	Resources []infer.InferredResource
	// Stale names the output by which a resource, unchanged in its inputs, asks to be made anew.
	Stale func(urn.URN, property.Map) (string, bool)
}

// Main serves the plugin to the engine and ends the process when the engine does.
func Main(plugin Plugin) {
	provider := Provider(plugin)
	if err := p.RunProvider(context.Background(), plugin.Name, plugin.Version, provider); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-%s: %v\n", plugin.Name, err)
		os.Exit(1)
	}
}

// Provider is the plugin as the engine sees it.
func Provider(plugin Plugin) p.Provider {
	inferred := infer.Provider(infer.Options{
		Metadata: schema.Metadata{
			DisplayName: plugin.Name,
			Description: "Follows the official " + plugin.Name + " plugin " + plugin.Version + ".",
		},
		Resources: plugin.Resources,
	})
	served := inferred
	served.Check = func(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
		if !plugin.has(req.Urn) {
			return p.CheckResponse{}, plugin.unsupported(string(req.Urn.Type()))
		}
		return inferred.Check(ctx, req)
	}
	served.Invoke = func(_ context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		return p.InvokeResponse{}, plugin.unsupported(string(req.Token))
	}
	served.Diff = func(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
		req.State, req.OldInputs = public(req.State), public(req.OldInputs)
		diff, err := inferred.Diff(ctx, req)
		if err != nil || diff.HasChanges || plugin.Stale == nil {
			return diff, err
		}
		if output, stale := plugin.Stale(req.Urn, req.State); stale {
			diff.HasChanges = true
			diff.DetailedDiff = map[string]p.PropertyDiff{output: {Kind: p.UpdateReplace}}
		}
		return diff, nil
	}
	served.Read = func(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) {
		if req.Properties.Len() == 0 {
			return p.ReadResponse{}, plugin.notImportable(string(req.Urn.Type()))
		}
		req.Properties, req.Inputs = public(req.Properties), public(req.Inputs)
		return inferred.Read(ctx, req)
	}
	served.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		req.State, req.OldInputs = public(req.State), public(req.OldInputs)
		return inferred.Update(ctx, req)
	}
	served.Delete = func(ctx context.Context, req p.DeleteRequest) error {
		req.Properties, req.OldInputs = public(req.Properties), public(req.OldInputs)
		return inferred.Delete(ctx, req)
	}
	return served
}

// public is the map without the bookkeeping (`__meta`, `__defaults`) that the official plugin
// leaves in a stack's state: it says nothing about the resource.
func public(all property.Map) property.Map {
	for key := range all.All {
		if strings.HasPrefix(key, "__") {
			all = all.Delete(key)
		}
	}
	return all
}

func (plugin Plugin) has(resource urn.URN) bool {
	for _, one := range plugin.Resources {
		token, err := one.GetToken()
		if err == nil && token.Name() == resource.Type().Name() {
			return true
		}
	}
	return false
}

func (plugin Plugin) unsupported(token string) error {
	return status.Errorf(codes.Unimplemented,
		"%s is not served by this build of pulumi-resource-%s, which has only %s. For the rest install "+
			"the official plugin: pulumi plugin install resource %s v%s",
		token, plugin.Name, strings.Join(plugin.names(), ", "), plugin.Name, plugin.Version)
}

func (plugin Plugin) notImportable(token string) error {
	return status.Errorf(codes.Unimplemented,
		"%s cannot be imported: its value exists only in a stack's state. Let the program create it, or "+
			"import it with the official plugin: pulumi plugin install resource %s v%s",
		token, plugin.Name, plugin.Version)
}

func (plugin Plugin) names() []string {
	names := make([]string, 0, len(plugin.Resources))
	for _, one := range plugin.Resources {
		if token, err := one.GetToken(); err == nil {
			names = append(names, string(token.Name()))
		}
	}
	return names
}
