package main

import (
	"context"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// SelfSignedCert is a certificate signed with its own key: a CA, or a server nobody vouches for.
type SelfSignedCert struct{}

// SelfSignedCertArgs is what it is asked for.
type SelfSignedCertArgs struct {
	Names
	Key
	Issue
	SetAuthorityKeyID *bool `pulumi:"setAuthorityKeyId,optional"`
}

// SelfSignedCertState is what the stack keeps of it.
type SelfSignedCertState struct {
	SelfSignedCertArgs
	Certificate
	KeyAlgorithm string `pulumi:"keyAlgorithm"`
}

// Annotate gives the resource its official name.
func (r *SelfSignedCert) Annotate(a infer.Annotator) {
	a.SetToken("index/selfSignedCert", "SelfSignedCert")
}

// Check refuses names, uses and times that make no certificate.
func (SelfSignedCert) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[SelfSignedCertArgs], error) {
	args, failures, err := infer.DefaultCheck[SelfSignedCertArgs](ctx, req.NewInputs)
	if err == nil && len(failures) == 0 && !property.New(req.NewInputs).HasComputed() {
		failures = append(args.Names.faults(), args.Key.faults()...)
		failures = append(failures, args.Issue.faults()...)
	}
	return infer.CheckResponse[SelfSignedCertArgs]{Inputs: args, Failures: failures}, err
}

// Create issues the certificate; a preview leaves it unknown.
func (SelfSignedCert) Create(
	_ context.Context, req infer.CreateRequest[SelfSignedCertArgs],
) (infer.CreateResponse[SelfSignedCertState], error) {
	args := req.Inputs
	args.Issue = args.Issue.complete()
	if args.SetAuthorityKeyID == nil {
		args.SetAuthorityKeyID = new(false)
	}
	state := SelfSignedCertState{SelfSignedCertArgs: args}
	if req.DryRun {
		return infer.CreateResponse[SelfSignedCertState]{Output: state}, nil
	}
	id, err := state.issue(time.Now())
	return infer.CreateResponse[SelfSignedCertState]{ID: id, Output: state}, err
}

func (s *SelfSignedCertState) issue(now time.Time) (string, error) {
	key, err := s.Key.read()
	if err != nil {
		return "", err
	}
	names, err := s.Names.request()
	if err != nil {
		return "", err
	}
	template, err := s.Issue.template(key.Public(), now)
	if err != nil {
		return "", err
	}
	template.Subject, template.DNSNames = names.Subject, names.DNSNames
	template.IPAddresses, template.URIs = names.IPAddresses, names.URIs
	if *s.SetAuthorityKeyID {
		if template.AuthorityKeyId, err = keyID(key.Public()); err != nil {
			return "", err
		}
	}
	id, certificate, err := s.Issue.sign(template, template, key.Public(), key)
	s.Certificate, s.KeyAlgorithm = certificate, algorithmOf(key)
	return id, err
}

func (i Issue) faults() []p.CheckFailure {
	if _, _, err := usages(i.AllowedUses); err != nil {
		return fault("allowedUses", "%v", err)
	}
	if i.ValidityPeriodHours < 1 {
		return fault("validityPeriodHours", "validityPeriodHours is %d; it must be at least 1", i.ValidityPeriodHours)
	}
	if early := *i.complete().EarlyRenewalHours; early < 0 || early >= i.ValidityPeriodHours {
		return fault("earlyRenewalHours", "earlyRenewalHours is %d and validityPeriodHours %d; a certificate "+
			"would be due for renewal the moment it is issued. Keep it below, and not negative",
			early, i.ValidityPeriodHours)
	}
	return nil
}
