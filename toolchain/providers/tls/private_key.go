package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// leastBits is below what crypto/rsa agrees to generate.
const leastBits = 1024

// PrivateKey is a key pair whose private half is a secret.
type PrivateKey struct{}

// PrivateKeyArgs is what it is asked for.
type PrivateKeyArgs struct {
	Algorithm  string  `pulumi:"algorithm"`
	EcdsaCurve *string `pulumi:"ecdsaCurve,optional"`
	RsaBits    *int    `pulumi:"rsaBits,optional"`
}

// PrivateKeyState is what the stack keeps of it.
type PrivateKeyState struct {
	PrivateKeyArgs
	PrivateKeyOpenssh          string `pulumi:"privateKeyOpenssh"`
	PrivateKeyPem              string `pulumi:"privateKeyPem"`
	PrivateKeyPemPkcs8         string `pulumi:"privateKeyPemPkcs8"`
	PublicKeyFingerprintMd5    string `pulumi:"publicKeyFingerprintMd5"`
	PublicKeyFingerprintSha256 string `pulumi:"publicKeyFingerprintSha256"`
	PublicKeyOpenssh           string `pulumi:"publicKeyOpenssh"`
	PublicKeyPem               string `pulumi:"publicKeyPem"`
}

// Annotate gives the resource its official name.
func (r *PrivateKey) Annotate(a infer.Annotator) {
	a.SetToken("index/privateKey", "PrivateKey")
}

// Check refuses an algorithm, curve or size that there is not.
func (PrivateKey) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[PrivateKeyArgs], error) {
	args, failures, err := infer.DefaultCheck[PrivateKeyArgs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !property.New(req.NewInputs).HasComputed() {
		failures = args.faults()
	}
	return infer.CheckResponse[PrivateKeyArgs]{Inputs: args, Failures: failures}, err
}

// Create makes the key; a preview leaves it unknown. The id is a digest of the public key.
func (PrivateKey) Create(
	_ context.Context, req infer.CreateRequest[PrivateKeyArgs],
) (infer.CreateResponse[PrivateKeyState], error) {
	args := req.Inputs.complete()
	if req.DryRun {
		return infer.CreateResponse[PrivateKeyState]{Output: PrivateKeyState{PrivateKeyArgs: args}}, nil
	}
	key, err := generate(args.Algorithm, *args.EcdsaCurve, *args.RsaBits)
	if err != nil {
		return infer.CreateResponse[PrivateKeyState]{}, fmt.Errorf("generating the %s key: %w", args.Algorithm, err)
	}
	private, err := write(key)
	if err != nil {
		return infer.CreateResponse[PrivateKeyState]{}, err
	}
	public, err := publish(key)
	if err != nil {
		return infer.CreateResponse[PrivateKeyState]{}, err
	}
	return infer.CreateResponse[PrivateKeyState]{ID: public.id, Output: PrivateKeyState{
		PrivateKeyArgs:             args,
		PrivateKeyOpenssh:          private.openSSH,
		PrivateKeyPem:              private.pem,
		PrivateKeyPemPkcs8:         private.pkcs8,
		PublicKeyFingerprintMd5:    public.md5,
		PublicKeyFingerprintSha256: public.sha256,
		PublicKeyOpenssh:           public.openSSH,
		PublicKeyPem:               public.pem,
	}}, nil
}

// WireDependencies makes the private half a secret whatever the program says.
func (PrivateKey) WireDependencies(
	f infer.FieldSelector, _ *PrivateKeyArgs, state *PrivateKeyState,
) {
	f.OutputField(&state.PrivateKeyOpenssh).AlwaysSecret()
	f.OutputField(&state.PrivateKeyPem).AlwaysSecret()
	f.OutputField(&state.PrivateKeyPemPkcs8).AlwaysSecret()
}

// complete is the request with every setting that was left out at its default.
func (a PrivateKeyArgs) complete() PrivateKeyArgs {
	if a.EcdsaCurve == nil {
		a.EcdsaCurve = new("P224")
	}
	if a.RsaBits == nil {
		a.RsaBits = new(2048)
	}
	return a
}

func (a PrivateKeyArgs) faults() []p.CheckFailure {
	complete := a.complete()
	switch {
	case !slices.Contains(algorithms, complete.Algorithm):
		return fault("algorithm", "algorithm is %q; it is one of %s",
			complete.Algorithm, strings.Join(algorithms, ", "))
	case curves[*complete.EcdsaCurve] == nil:
		return fault("ecdsaCurve", "ecdsaCurve is %q; it is one of P224, P256, P384, P521", *complete.EcdsaCurve)
	case complete.Algorithm == "RSA" && *complete.RsaBits < leastBits:
		return fault("rsaBits", "rsaBits is %d; keys below %d bits are not made, 2048 is the default",
			*complete.RsaBits, leastBits)
	}
	return nil
}

func fault(property, format string, values ...any) []p.CheckFailure {
	return []p.CheckFailure{{Property: property, Reason: fmt.Sprintf(format, values...)}}
}
