// Package server answers the Pulumi engine's resource provider protocol for Kubernetes.
package server

import (
	"context"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"agent-platform/toolchain/providers/kubernetes/internal/await"
	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Version is the release of the SDK whose plugin this stands in for.
const Version = "4.34.2"

// Server is one instance of the provider. Its calls may run at once.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer

	Host     *Host
	redactor *object.Redactor
	settings cluster.Settings
	// recording: nothing is contacted, whatever the configuration. misread says why that is not known.
	recording bool
	misread   error
	// stopping ends every wait; its cancel is what Cancel and a signal call.
	stopping context.Context
	cancel   context.CancelCauseFunc

	mu sync.Mutex
	// client is nil before Configure, and after it while the configuration is not known yet.
	client *cluster.Client
	// program is what Check saw of this update: what it will make, and where state exists already.
	program announced
}

// New gives a provider that is not configured yet.
func New() *Server {
	stopping, cancel := context.WithCancelCause(context.Background())
	redactor := &object.Redactor{}
	recording, misread := recordingWanted()
	return &Server{
		Host: &Host{redactor: redactor}, redactor: redactor, stopping: stopping, cancel: cancel,
		program: newAnnounced(), recording: recording, misread: misread,
	}
}

// Stop ends every wait at once; each gives back what it has, so that the state keeps its object.
func (s *Server) Stop() { s.cancel(await.ErrCancelled) }

// Cancel is Stop, asked for by the engine.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	s.Stop()
	return &emptypb.Empty{}, nil
}

// operation gives a context that ends with the call or with Stop.
func (s *Server) operation(ctx context.Context, urn string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(withURN(ctx, urn))
	release := context.AfterFunc(s.stopping, cancel)
	return ctx, func() {
		release()
		cancel()
	}
}

// Handshake tells the engine what values the provider takes.
func (s *Server) Handshake(
	_ context.Context, req *pulumirpc.ProviderHandshakeRequest,
) (*pulumirpc.ProviderHandshakeResponse, error) {
	if req.EngineAddress != "" {
		if err := s.Host.Connect(req.EngineAddress); err != nil {
			return nil, err
		}
	}
	return &pulumirpc.ProviderHandshakeResponse{
		AcceptSecrets: true, SupportsAutonamingConfiguration: true,
	}, nil
}

// Attach connects to an engine that found the provider running.
func (s *Server) Attach(_ context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, s.Host.Connect(req.Address)
}

// GetPluginInfo names the release.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema gives a schema without resources: the SDK is generated already, and its types are open.
func (s *Server) GetSchema(
	context.Context, *pulumirpc.GetSchemaRequest,
) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: `{"name":"kubernetes","version":"` + Version + `"}`}, nil
}

const notHere = "%s is not supported by this provider, which applies single objects. " +
	"Give the objects as resources of their own, or install the official plugin (pulumi plugin install " +
	"resource kubernetes " + Version + ")"

// Invoke refuses the SDK's functions (YAML, Helm and Kustomize rendering).
func (s *Server) Invoke(
	_ context.Context, req *pulumirpc.InvokeRequest,
) (*pulumirpc.InvokeResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, notHere, "the function "+req.Tok)
}

// Construct refuses the SDK's components (ConfigFile, Chart and the like).
func (s *Server) Construct(
	_ context.Context, req *pulumirpc.ConstructRequest,
) (*pulumirpc.ConstructResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, notHere, "the component "+req.Type)
}

// Call refuses methods: no resource of this provider has any.
func (s *Server) Call(_ context.Context, req *pulumirpc.CallRequest) (*pulumirpc.CallResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, notHere, "the method "+req.Tok)
}

func (s *Server) unmarshal(label string, from *structpb.Struct) (resource.PropertyMap, error) {
	props, err := plugin.UnmarshalProperties(from, plugin.MarshalOptions{
		Label: label, KeepUnknowns: true, KeepSecrets: true, SkipNulls: true,
	})
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "%s cannot be read: %v", label, err)
	}
	s.redactor.Learn(props)
	return props, nil
}

func (s *Server) marshal(label string, props resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(props, plugin.MarshalOptions{
		Label: label, KeepUnknowns: true, KeepSecrets: true, SkipNulls: true,
	})
}

// connected gives the client. Only a preview can do without one.
func (s *Server) connected() (*cluster.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil, status.Error(codes.FailedPrecondition,
			"there is no cluster to ask: the provider was not configured, or its kubeconfig is not known yet")
	}
	return s.client, nil
}

// defaultNamespace is the provider's own. It is not known before there is a configuration.
func (s *Server) defaultNamespace() (namespace string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.client != nil:
		return s.client.Target.Namespace, true
	case !s.recording:
		return "", false
	case s.settings.Namespace != "":
		return s.settings.Namespace, true
	default:
		return "default", true
	}
}

// configured tells whether there is a cluster to ask.
func (s *Server) configured() bool {
	_, err := s.connected()
	return err == nil
}
