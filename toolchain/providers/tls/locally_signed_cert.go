package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// LocallySignedCert is a certificate signed by a CA whose key is in the stack.
type LocallySignedCert struct{}

// LocallySignedCertArgs is what it is asked for.
type LocallySignedCertArgs struct {
	Issue
	Authority
	CertRequestPem string `pulumi:"certRequestPem"`
}

// Authority is the CA that signs. The write-only properties are read in order to be refused.
type Authority struct {
	CaCertPem                string  `pulumi:"caCertPem"`
	CaPrivateKeyPem          *string `pulumi:"caPrivateKeyPem,optional"          provider:"secret"`
	CaPrivateKeyPemWo        *string `pulumi:"caPrivateKeyPemWo,optional"        provider:"secret"`
	CaPrivateKeyPemWoVersion *int    `pulumi:"caPrivateKeyPemWoVersion,optional"`
}

// LocallySignedCertState is what the stack keeps of it.
type LocallySignedCertState struct {
	LocallySignedCertArgs
	Certificate
	CaKeyAlgorithm string `pulumi:"caKeyAlgorithm"`
}

// Annotate gives the resource its official name.
func (r *LocallySignedCert) Annotate(a infer.Annotator) {
	a.SetToken("index/locallySignedCert", "LocallySignedCert")
}

// Check refuses uses and times that make no certificate.
func (LocallySignedCert) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[LocallySignedCertArgs], error) {
	args, failures, err := infer.DefaultCheck[LocallySignedCertArgs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !property.New(req.NewInputs).HasComputed() {
		failures = append(args.Issue.faults(), args.Authority.faults()...)
	}
	return infer.CheckResponse[LocallySignedCertArgs]{Inputs: args, Failures: failures}, err
}

// Create issues the certificate; a preview leaves it unknown.
func (LocallySignedCert) Create(
	_ context.Context, req infer.CreateRequest[LocallySignedCertArgs],
) (infer.CreateResponse[LocallySignedCertState], error) {
	args := req.Inputs
	args.Issue = args.Issue.complete()
	state := LocallySignedCertState{LocallySignedCertArgs: args}
	if req.DryRun {
		return infer.CreateResponse[LocallySignedCertState]{Output: state}, nil
	}
	id, err := state.issue(time.Now())
	return infer.CreateResponse[LocallySignedCertState]{ID: id, Output: state}, err
}

func (s *LocallySignedCertState) issue(now time.Time) (string, error) {
	if s.CaPrivateKeyPem == nil {
		return "", errors.New("caPrivateKeyPem is missing; pass the CA's privateKeyPem")
	}
	signer, err := readKey(*s.CaPrivateKeyPem)
	if err != nil {
		return "", fmt.Errorf("caPrivateKeyPem: %w", err)
	}
	authority, err := readCertificate(s.CaCertPem)
	if err != nil {
		return "", err
	}
	request, err := readRequest(s.CertRequestPem)
	if err != nil {
		return "", err
	}
	template, err := s.Issue.template(request.PublicKey, now)
	if err != nil {
		return "", err
	}
	template.Subject, template.DNSNames = request.Subject, request.DNSNames
	template.IPAddresses, template.URIs = request.IPAddresses, request.URIs
	template.AuthorityKeyId = authority.SubjectKeyId
	id, certificate, err := s.Issue.sign(template, authority, request.PublicKey, signer)
	s.Certificate, s.CaKeyAlgorithm = certificate, algorithmOf(signer)
	return id, err
}

func (a Authority) faults() []p.CheckFailure {
	if a.CaPrivateKeyPemWo != nil || a.CaPrivateKeyPemWoVersion != nil {
		return fault("caPrivateKeyPemWo", "%s", writeOnly("caPrivateKeyPem"))
	}
	if a.CaPrivateKeyPem == nil {
		return fault("caPrivateKeyPem", "caPrivateKeyPem is missing; pass the CA's privateKeyPem")
	}
	return nil
}
