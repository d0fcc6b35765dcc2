package main

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/bcrypt"
)

// noID is what the official plugin gives a value that has no name of its own.
const noID = "none"

// bcryptLimit is how much of a password bcrypt reads; the rest never counted.
const bcryptLimit = 72

// RandomPassword is a random text that is a secret.
type RandomPassword struct{}

// RandomPasswordState is what the stack keeps of it.
type RandomPasswordState struct {
	Recipe
	BcryptHash string `pulumi:"bcryptHash"`
	Result     string `pulumi:"result"`
}

// Annotate gives the resource its official name.
func (r *RandomPassword) Annotate(a infer.Annotator) {
	a.SetToken("index/randomPassword", "RandomPassword")
}

// Check refuses a recipe that no text can satisfy.
func (RandomPassword) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[Recipe], error) {
	return checkRecipe(ctx, req)
}

// Create draws the password; a preview leaves it unknown.
func (RandomPassword) Create(
	_ context.Context, req infer.CreateRequest[Recipe],
) (infer.CreateResponse[RandomPasswordState], error) {
	state := RandomPasswordState{Recipe: req.Inputs.complete()}
	if req.DryRun {
		return infer.CreateResponse[RandomPasswordState]{ID: noID, Output: state}, nil
	}
	result, err := text(rand.Reader, state.Length, state.classes())
	if err != nil {
		return infer.CreateResponse[RandomPasswordState]{}, err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(result)[:min(len(result), bcryptLimit)], bcrypt.DefaultCost)
	if err != nil {
		return infer.CreateResponse[RandomPasswordState]{}, fmt.Errorf("hashing the password: %w", err)
	}
	state.Result, state.BcryptHash = result, string(hash)
	return infer.CreateResponse[RandomPasswordState]{ID: noID, Output: state}, nil
}

// WireDependencies makes the password a secret whatever the program says.
func (RandomPassword) WireDependencies(
	f infer.FieldSelector, _ *Recipe, state *RandomPasswordState,
) {
	f.OutputField(&state.Result).AlwaysSecret()
	f.OutputField(&state.BcryptHash).AlwaysSecret()
}

// RandomString is a random text that is no secret; its id is the text.
type RandomString struct{}

// RandomStringState is what the stack keeps of it.
type RandomStringState struct {
	Recipe
	Result string `pulumi:"result"`
}

// Annotate gives the resource its official name.
func (r *RandomString) Annotate(a infer.Annotator) {
	a.SetToken("index/randomString", "RandomString")
}

// Check refuses a recipe that no text can satisfy.
func (RandomString) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[Recipe], error) {
	return checkRecipe(ctx, req)
}

// Create draws the text; a preview leaves it unknown.
func (RandomString) Create(
	_ context.Context, req infer.CreateRequest[Recipe],
) (infer.CreateResponse[RandomStringState], error) {
	state := RandomStringState{Recipe: req.Inputs.complete()}
	if req.DryRun {
		return infer.CreateResponse[RandomStringState]{Output: state}, nil
	}
	result, err := text(rand.Reader, state.Length, state.classes())
	if err != nil {
		return infer.CreateResponse[RandomStringState]{}, err
	}
	state.Result = result
	return infer.CreateResponse[RandomStringState]{ID: result, Output: state}, nil
}

func checkRecipe(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[Recipe], error) {
	recipe, failures, err := infer.DefaultCheck[Recipe](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !req.NewInputs.Get("length").IsComputed() {
		failures = recipe.faults()
	}
	return infer.CheckResponse[Recipe]{Inputs: recipe, Failures: failures}, err
}
