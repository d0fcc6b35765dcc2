package server

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// CheckConfig refuses a configuration that cannot work, naming the option.
func (s *Server) CheckConfig(
	_ context.Context, req *pulumirpc.CheckRequest,
) (*pulumirpc.CheckResponse, error) {
	news, err := s.unmarshal("the provider's configuration", req.News)
	if err != nil {
		return nil, err
	}
	if news.ContainsUnknowns() {
		return &pulumirpc.CheckResponse{Inputs: req.News}, nil
	}
	if _, err := cluster.ReadSettings(news); err != nil {
		return &pulumirpc.CheckResponse{Inputs: req.News, Failures: []*pulumirpc.CheckFailure{
			{Reason: s.redactor.Redact(err.Error())},
		}}, nil
	}
	return &pulumirpc.CheckResponse{Inputs: req.News}, nil
}

// DiffConfig asks for a replacement of the provider, and with it of all its resources, only when the
// configuration leads to another cluster.
func (s *Server) DiffConfig(
	_ context.Context, req *pulumirpc.DiffRequest,
) (*pulumirpc.DiffResponse, error) {
	before := req.OldInputs
	if before == nil {
		before = req.Olds
	}
	olds, err := s.unmarshal("the provider's old configuration", before)
	if err != nil {
		return nil, err
	}
	news, err := s.unmarshal("the provider's configuration", req.News)
	if err != nil {
		return nil, err
	}
	changes := plugin.NewDetailedDiffFromObjectDiff(configOnly(olds).Diff(configOnly(news)), true)
	if len(changes) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	var replaces []string
	if !news.ContainsUnknowns() {
		if property := s.movedProperty(olds, news); property != "" {
			replaces = append(replaces, property)
			change := changes[property]
			changes[property] = change.ToReplace()
		}
	}
	return diffResponse(changes, replaces, false), nil
}

func (s *Server) movedProperty(olds, news resource.PropertyMap) string {
	was, err := cluster.ReadSettings(olds)
	if err != nil {
		return ""
	}
	is, err := cluster.ReadSettings(news)
	if err != nil {
		return ""
	}
	if s.recording {
		// A kubeconfig is not looked into: those of a recording lead nowhere.
		return cluster.Renamed(was, is)
	}
	property, _ := cluster.Moved(was, is)
	return property
}

// configOnly leaves out the SDK's version, which says nothing about the cluster.
func configOnly(props resource.PropertyMap) resource.PropertyMap {
	out := object.PlainMap(props)
	delete(out, "version")
	return out
}

// Configure connects to the cluster; it asks the cluster nothing yet. A configuration that is not known
// yet connects to nothing at all, and never to the ambient kubeconfig's cluster. A recording connects to
// nothing either.
func (s *Server) Configure(
	_ context.Context, req *pulumirpc.ConfigureRequest,
) (*pulumirpc.ConfigureResponse, error) {
	if s.misread != nil {
		return nil, status.Error(codes.InvalidArgument, s.misread.Error())
	}
	props, err := s.configuration(req)
	if err != nil {
		return nil, err
	}
	answer := &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, SupportsAutonamingConfiguration: true,
	}
	if props.ContainsUnknowns() {
		return answer, nil
	}
	settings, err := cluster.ReadSettings(props)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, s.redactor.Redact(err.Error()))
	}
	if s.recording {
		s.mu.Lock()
		s.settings = settings
		s.mu.Unlock()
		return answer, nil
	}
	client, err := cluster.Connect(settings, func(ctx context.Context, text string) {
		s.Host.Warn(ctx, urnOf(ctx), text)
	})
	if err != nil {
		return nil, status.Error(codes.FailedPrecondition, s.redactor.Redact(err.Error()))
	}
	s.mu.Lock()
	s.settings, s.client = settings, client
	s.mu.Unlock()
	return answer, nil
}

func (s *Server) configuration(req *pulumirpc.ConfigureRequest) (resource.PropertyMap, error) {
	if req.Args != nil {
		return s.unmarshal("the provider's configuration", req.Args)
	}
	props := resource.PropertyMap{}
	for key, value := range req.GetVariables() { //nolint:staticcheck // old engines send nothing else
		props[resource.PropertyKey(lastPart(key))] = resource.NewStringProperty(value)
	}
	return props, nil
}

// lastPart takes `kubernetes:config:` off a variable's name.
func lastPart(key string) string {
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] == ':' {
			return key[i+1:]
		}
	}
	return key
}
