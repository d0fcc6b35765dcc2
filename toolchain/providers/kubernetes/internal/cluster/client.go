package cluster

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const dialTimeout = 10 * time.Second

// Client is one connection to one API server, shared by all calls at once.
type Client struct {
	Target  Target
	Dynamic dynamic.Interface
	REST    rest.Interface

	discovery discovery.CachedDiscoveryInterface
	mapper    meta.ResettableRESTMapper
	settings  Settings

	mu        sync.Mutex
	refreshed time.Time
}

// Warn hands on a warning of the API server (deprecations, mostly).
type Warn func(ctx context.Context, text string)

type warnings struct{ warn Warn }

func (w warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _ string, text string) {
	// 299 is the only code that the API server's warnings have.
	if code == 299 && text != "" {
		w.warn(ctx, text)
	}
}

// Connect prepares the client. It sends nothing: whether the server answers shows with the first call.
func Connect(settings Settings, warn Warn) (*Client, error) {
	target, err := settings.Target()
	if err != nil {
		return nil, err
	}
	loader, err := settings.loader()
	if err != nil {
		return nil, err
	}
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig cannot be used: %w", err)
	}
	// The API server protects itself by priority and fairness; a limit of our own only delays previews.
	config.QPS = -1
	if settings.Client.QPS > 0 {
		config.QPS = float32(settings.Client.QPS)
		config.Burst = max(settings.Client.Burst, 1)
	}
	config.UserAgent = "pulumi-resource-kubernetes"
	config.Dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	config.WarningHandlerWithContext = rest.NoWarnings{}
	if !settings.SuppressDeprecationWarnings {
		config.WarningHandlerWithContext = warnings{warn: warn}
	}
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("the kubeconfig's credentials cannot be used: %w", err)
	}
	dyn, err := dynamic.NewForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	plain, err := discovery.NewDiscoveryClientForConfigAndClient(config, httpClient)
	if err != nil {
		return nil, err
	}
	cached := memory.NewMemCacheClient(plain)
	return &Client{
		Target:    target,
		Dynamic:   dyn,
		REST:      plain.RESTClient(),
		discovery: cached,
		mapper:    restmapper.NewDeferredDiscoveryRESTMapper(cached),
		settings:  settings,
	}, nil
}

// Mapping gives the resource of a kind. A kind that is not known is looked up afresh once, since its
// definition may be new.
func (c *Client) Mapping(gvk schema.GroupVersionKind) (*meta.RESTMapping, error) {
	asked := time.Now()
	mapping, err := c.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err == nil || !meta.IsNoMatchError(err) || !c.refresh(asked) {
		return mapping, c.explain(err)
	}
	mapping, err = c.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	return mapping, c.explain(err)
}

// refreshAge bounds how often a preview full of kinds that do not exist yet asks for them again.
const refreshAge = 2 * time.Second

func (c *Client) refresh(asked time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if asked.Sub(c.refreshed) < refreshAge {
		return false
	}
	c.refreshed = time.Now()
	c.mapper.Reset()
	return true
}

// Forget drops what is known of kinds; call it when a definition came or went.
func (c *Client) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refreshed = time.Time{}
	c.mapper.Reset()
}

// Resource gives the client for one kind in one namespace ("" for cluster-wide kinds).
func (c *Client) Resource(mapping *meta.RESTMapping, namespace string) dynamic.ResourceInterface {
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return c.Dynamic.Resource(mapping.Resource).Namespace(namespace)
	}
	return c.Dynamic.Resource(mapping.Resource)
}

// For is Resource for the place that the object itself names.
func (c *Client) For(u *unstructured.Unstructured) (dynamic.ResourceInterface, *meta.RESTMapping, error) {
	mapping, err := c.Mapping(u.GroupVersionKind())
	if err != nil {
		return nil, nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace && u.GetNamespace() == "" {
		u.SetNamespace(c.Target.Namespace)
	}
	return c.Resource(mapping, u.GetNamespace()), mapping, nil
}
