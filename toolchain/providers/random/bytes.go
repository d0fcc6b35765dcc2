package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// RandomBytes are random bytes that are a secret.
type RandomBytes struct{}

// RandomBytesArgs is what it is asked for.
type RandomBytesArgs struct {
	Keepers map[string]string `pulumi:"keepers,optional"`
	Length  int               `pulumi:"length"`
}

// RandomBytesState is what the stack keeps of it.
type RandomBytesState struct {
	RandomBytesArgs
	Base64 string `pulumi:"base64"`
	Hex    string `pulumi:"hex"`
}

// Annotate gives the resource its official name.
func (r *RandomBytes) Annotate(a infer.Annotator) {
	a.SetToken("index/randomBytes", "RandomBytes")
}

// Check refuses a length below one.
func (RandomBytes) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[RandomBytesArgs], error) {
	args, failures, err := infer.DefaultCheck[RandomBytesArgs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !req.NewInputs.Get("length").IsComputed() {
		failures = atLeastOne("length", args.Length)
	}
	return infer.CheckResponse[RandomBytesArgs]{Inputs: args, Failures: failures}, err
}

// Create draws the bytes; a preview leaves them unknown.
func (RandomBytes) Create(
	_ context.Context, req infer.CreateRequest[RandomBytesArgs],
) (infer.CreateResponse[RandomBytesState], error) {
	state := RandomBytesState{RandomBytesArgs: req.Inputs}
	if req.DryRun {
		return infer.CreateResponse[RandomBytesState]{ID: noID, Output: state}, nil
	}
	drawn, err := draw(req.Inputs.Length)
	if err != nil {
		return infer.CreateResponse[RandomBytesState]{}, err
	}
	state.Base64, state.Hex = base64.StdEncoding.EncodeToString(drawn), hex.EncodeToString(drawn)
	return infer.CreateResponse[RandomBytesState]{ID: noID, Output: state}, nil
}

// WireDependencies makes the bytes a secret whatever the program says.
func (RandomBytes) WireDependencies(
	f infer.FieldSelector, _ *RandomBytesArgs, state *RandomBytesState,
) {
	f.OutputField(&state.Base64).AlwaysSecret()
	f.OutputField(&state.Hex).AlwaysSecret()
}

// RandomId is a random number to make names unique with; it is no secret.
//
//nolint:revive // the name is the official one
type RandomId struct{}

// RandomIdArgs is what it is asked for.
//
//nolint:revive // the name is the official one
type RandomIdArgs struct {
	ByteLength int               `pulumi:"byteLength"`
	Keepers    map[string]string `pulumi:"keepers,optional"`
	Prefix     *string           `pulumi:"prefix,optional"`
}

// RandomIdState is what the stack keeps of it.
//
//nolint:revive // the name is the official one
type RandomIdState struct {
	RandomIdArgs
	B64Std string `pulumi:"b64Std"`
	B64Url string `pulumi:"b64Url"`
	Dec    string `pulumi:"dec"`
	Hex    string `pulumi:"hex"`
}

// Annotate gives the resource its official name.
func (r *RandomId) Annotate(a infer.Annotator) {
	a.SetToken("index/randomId", "RandomId")
}

// Check refuses a length below one.
func (RandomId) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[RandomIdArgs], error) {
	args, failures, err := infer.DefaultCheck[RandomIdArgs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !req.NewInputs.Get("byteLength").IsComputed() {
		failures = atLeastOne("byteLength", args.ByteLength)
	}
	return infer.CheckResponse[RandomIdArgs]{Inputs: args, Failures: failures}, err
}

// Create draws the number; a preview leaves it unknown. The id is the number without the prefix.
func (RandomId) Create(
	_ context.Context, req infer.CreateRequest[RandomIdArgs],
) (infer.CreateResponse[RandomIdState], error) {
	if req.DryRun {
		return infer.CreateResponse[RandomIdState]{Output: RandomIdState{RandomIdArgs: req.Inputs}}, nil
	}
	drawn, err := draw(req.Inputs.ByteLength)
	if err != nil {
		return infer.CreateResponse[RandomIdState]{}, err
	}
	id := base64.RawURLEncoding.EncodeToString(drawn)
	return infer.CreateResponse[RandomIdState]{ID: id, Output: spell(req.Inputs, drawn)}, nil
}

// spell is the number in every notation the resource offers.
func spell(args RandomIdArgs, number []byte) RandomIdState {
	prefix := ""
	if args.Prefix != nil {
		prefix = *args.Prefix
	}
	return RandomIdState{
		RandomIdArgs: args,
		B64Std:       prefix + base64.StdEncoding.EncodeToString(number),
		B64Url:       prefix + base64.RawURLEncoding.EncodeToString(number),
		Dec:          prefix + new(big.Int).SetBytes(number).String(),
		Hex:          prefix + hex.EncodeToString(number),
	}
}

func draw(length int) ([]byte, error) {
	drawn := make([]byte, length)
	if _, err := rand.Read(drawn); err != nil {
		return nil, fmt.Errorf("drawing %d random bytes: %w", length, err)
	}
	return drawn, nil
}

func atLeastOne(property string, got int) []p.CheckFailure {
	if got >= 1 {
		return nil
	}
	return []p.CheckFailure{{
		Property: property,
		Reason:   fmt.Sprintf("%s is %d; it must be at least 1", property, got),
	}}
}
