package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // names a request, as the official plugin does; protects nothing
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// CertRequest asks an authority for a certificate.
type CertRequest struct{}

// CertRequestArgs is what it is asked for.
type CertRequestArgs struct {
	Names
	Key
}

// Key is the private key that a certificate will belong to. The write-only properties are read in
// order to be refused.
type Key struct {
	PrivateKeyPem          *string `pulumi:"privateKeyPem,optional"          provider:"secret"`
	PrivateKeyPemWo        *string `pulumi:"privateKeyPemWo,optional"        provider:"secret"`
	PrivateKeyPemWoVersion *int    `pulumi:"privateKeyPemWoVersion,optional"`
}

// CertRequestState is what the stack keeps of it.
type CertRequestState struct {
	CertRequestArgs
	CertRequestPem string `pulumi:"certRequestPem"`
	KeyAlgorithm   string `pulumi:"keyAlgorithm"`
}

// Annotate gives the resource its official name.
func (r *CertRequest) Annotate(a infer.Annotator) {
	a.SetToken("index/certRequest", "CertRequest")
}

// Check refuses names that are none and a key that is missing.
func (CertRequest) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[CertRequestArgs], error) {
	args, failures, err := infer.DefaultCheck[CertRequestArgs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !property.New(req.NewInputs).HasComputed() {
		failures = append(args.Names.faults(), args.Key.faults()...)
	}
	return infer.CheckResponse[CertRequestArgs]{Inputs: args, Failures: failures}, err
}

// Create signs the request; a preview leaves it unknown.
func (CertRequest) Create(
	_ context.Context, req infer.CreateRequest[CertRequestArgs],
) (infer.CreateResponse[CertRequestState], error) {
	state := CertRequestState{CertRequestArgs: req.Inputs}
	if req.DryRun {
		return infer.CreateResponse[CertRequestState]{Output: state}, nil
	}
	key, err := req.Inputs.Key.read()
	if err != nil {
		return infer.CreateResponse[CertRequestState]{}, err
	}
	template, err := req.Inputs.Names.request()
	if err != nil {
		return infer.CreateResponse[CertRequestState]{}, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return infer.CreateResponse[CertRequestState]{}, fmt.Errorf("signing the request: %w", err)
	}
	state.CertRequestPem, state.KeyAlgorithm = block("CERTIFICATE REQUEST", der), algorithmOf(key)
	sum := sha1.Sum([]byte(state.CertRequestPem)) //nolint:gosec // as at the import
	return infer.CreateResponse[CertRequestState]{ID: hex.EncodeToString(sum[:]), Output: state}, nil
}

// request is the names in the form a request has them.
func (n Names) request() (*x509.CertificateRequest, error) {
	addresses, addressErr := n.addresses()
	locations, locationErr := n.locations()
	if err := errors.Join(addressErr, locationErr); err != nil {
		return nil, err
	}
	return &x509.CertificateRequest{
		Subject:     n.Subject.distinguished(),
		DNSNames:    n.DNSNames,
		IPAddresses: addresses,
		URIs:        locations,
	}, nil
}

// readRequest reads a request and checks that its sender holds the key.
func readRequest(text string) (*x509.CertificateRequest, error) {
	decoded, _ := pem.Decode([]byte(text))
	if decoded == nil || decoded.Type != "CERTIFICATE REQUEST" {
		return nil, errors.New("certRequestPem is not a PEM block of type CERTIFICATE REQUEST; " +
			"pass a CertRequest's certRequestPem")
	}
	request, err := x509.ParseCertificateRequest(decoded.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading certRequestPem: %w", err)
	}
	if err := request.CheckSignature(); err != nil {
		return nil, fmt.Errorf("certRequestPem is not signed with its own key: %w", err)
	}
	return request, nil
}

func (n Names) faults() []p.CheckFailure {
	if _, err := n.addresses(); err != nil {
		return fault("ipAddresses", "%v", err)
	}
	if _, err := n.locations(); err != nil {
		return fault("uris", "%v", err)
	}
	return nil
}

func (k Key) faults() []p.CheckFailure {
	if k.PrivateKeyPemWo != nil || k.PrivateKeyPemWoVersion != nil {
		return fault("privateKeyPemWo", "%s", writeOnly("privateKeyPem"))
	}
	if k.PrivateKeyPem == nil {
		return fault("privateKeyPem", "privateKeyPem is missing; pass a PrivateKey's privateKeyPem")
	}
	return nil
}

func writeOnly(property string) string {
	return fmt.Sprintf("write-only keys need the official plugin (pulumi plugin install resource tls v%s); "+
		"pass %s, which the state keeps encrypted", version, property)
}

func (k Key) read() (crypto.Signer, error) {
	if k.PrivateKeyPem == nil {
		return nil, errors.New("privateKeyPem is missing; pass a PrivateKey's privateKeyPem")
	}
	return readKey(*k.PrivateKeyPem)
}
