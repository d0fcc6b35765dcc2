package server

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// recordingVariable makes the provider connect to nothing, when it is "record": whatever is made,
// changed or deleted is so in the state alone.
const recordingVariable = "AGENT_PLATFORM_PROVIDERS"

// recordingWanted reads the variable. What is neither yes nor no is refused: it may be a misspelt yes.
func recordingWanted() (bool, error) {
	switch value := os.Getenv(recordingVariable); value {
	case "":
		return false, nil
	case "record":
		return true, nil
	default:
		return false, fmt.Errorf("%s is %q; wanted \"record\", by which no cluster is contacted and nothing "+
			"made, or no such variable", recordingVariable, value)
	}
}

// recordedKey marks the state of what is recorded.
const recordedKey resource.PropertyKey = "__recorded"

// sameWorld refuses to change what is in a cluster without one, and to change in a cluster what is not
// there but has the name of something that may be.
func (s *Server) sameWorld(state resource.PropertyMap) error {
	_, recorded := state[recordedKey]
	switch {
	case len(state) == 0 || recorded == s.recording:
		return nil
	case s.recording:
		return status.Errorf(codes.FailedPrecondition, "%s is set, by which nothing is contacted, and the state "+
			"says that this is in a cluster: it would be forgotten and not changed. Unset the variable, or record "+
			"into a backend of its own", recordingVariable)
	default:
		return status.Errorf(codes.FailedPrecondition, "the state was recorded, and this is in no cluster. Set "+
			"%s=record to go on with the recording, or deploy from another backend", recordingVariable)
	}
}

// recorded gives the state of a resource that is not in any cluster.
func (s *Server) recorded(
	urn, token string, state, inputs resource.PropertyMap,
) (id string, properties *structpb.Struct, err error) {
	manager := object.FieldManager(urn, state)
	var outputs resource.PropertyMap
	if token == helm.Token {
		id, outputs = helm.Noted(inputs, state)
		outputs[object.FieldManagerKey] = resource.NewStringProperty(manager)
	} else {
		id, outputs = object.Recorded(urn, inputs, state, manager)
	}
	outputs[recordedKey] = resource.NewBoolProperty(true)
	properties, err = s.marshal("the outputs", outputs)
	return id, properties, err
}

func (s *Server) createRecorded(
	req *pulumirpc.CreateRequest, inputs resource.PropertyMap,
) (*pulumirpc.CreateResponse, error) {
	id, properties, err := s.recorded(req.Urn, req.Type, nil, inputs)
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

func (s *Server) updateRecorded(
	req *pulumirpc.UpdateRequest, state, inputs resource.PropertyMap,
) (*pulumirpc.UpdateResponse, error) {
	_, properties, err := s.recorded(req.Urn, req.Type, state, inputs)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

// readRecorded gives what the state has: nothing else has anything.
func readRecorded(req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	if len(req.GetProperties().GetFields()) == 0 {
		return nil, status.Errorf(codes.FailedPrecondition, "%s is set, so that no cluster is asked, and %s %s is "+
			"in no state; import it, or read it, without that variable", recordingVariable, req.Type, req.Id)
	}
	return &pulumirpc.ReadResponse{Id: req.Id, Properties: req.Properties, Inputs: req.Inputs}, nil
}
