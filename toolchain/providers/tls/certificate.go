package main

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 5280 4.2.1.2 names keys by SHA-1; it protects nothing
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Issue is how a certificate is to be made, whoever signs it.
type Issue struct {
	AllowedUses         []string `pulumi:"allowedUses"`
	EarlyRenewalHours   *int     `pulumi:"earlyRenewalHours,optional"`
	IsCaCertificate     *bool    `pulumi:"isCaCertificate,optional"`
	MaxPathLength       *int     `pulumi:"maxPathLength,optional"`
	SetSubjectKeyID     *bool    `pulumi:"setSubjectKeyId,optional"`
	ValidityPeriodHours int      `pulumi:"validityPeriodHours"`
}

// Certificate is what comes of it.
type Certificate struct {
	CertPem           string `pulumi:"certPem"`
	ReadyForRenewal   bool   `pulumi:"readyForRenewal"`
	ValidityEndTime   string `pulumi:"validityEndTime"`
	ValidityStartTime string `pulumi:"validityStartTime"`
}

// noPathLength is what the official plugin keeps where the length of a chain has no limit.
const noPathLength = -1

// complete is the order with every setting that was left out at its default.
func (i Issue) complete() Issue {
	if i.EarlyRenewalHours == nil {
		i.EarlyRenewalHours = new(0)
	}
	for _, setting := range []**bool{&i.IsCaCertificate, &i.SetSubjectKeyID} {
		if *setting == nil {
			*setting = new(false)
		}
	}
	if i.MaxPathLength == nil {
		i.MaxPathLength = new(noPathLength)
	}
	return i
}

// template is the unsigned certificate of a complete order; names are the caller's to fill in.
func (i Issue) template(key crypto.PublicKey, now time.Time) (*x509.Certificate, error) {
	usage, extended, err := usages(i.AllowedUses)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	certificate := &x509.Certificate{
		SerialNumber:          serial,
		NotBefore:             now,
		NotAfter:              now.Add(time.Duration(i.ValidityPeriodHours) * time.Hour),
		KeyUsage:              usage,
		ExtKeyUsage:           extended,
		IsCA:                  *i.IsCaCertificate,
		BasicConstraintsValid: true,
	}
	if *i.IsCaCertificate && *i.MaxPathLength != noPathLength {
		certificate.MaxPathLen = *i.MaxPathLength
		certificate.MaxPathLenZero = *i.MaxPathLength == 0
	}
	// A CA is named by its key even where that was not asked for: what it signs refers to the name.
	if *i.SetSubjectKeyID || *i.IsCaCertificate {
		certificate.SubjectKeyId, err = keyID(key)
		if err != nil {
			return nil, err
		}
	}
	return certificate, nil
}

// sign makes the certificate; its id is the serial number.
func (i Issue) sign(
	template, parent *x509.Certificate, key crypto.PublicKey, signer crypto.Signer,
) (string, Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, signer)
	if err != nil {
		return "", Certificate{}, fmt.Errorf("signing the certificate: %w", err)
	}
	return template.SerialNumber.String(), Certificate{
		CertPem:           block("CERTIFICATE", der),
		ReadyForRenewal:   false,
		ValidityStartTime: template.NotBefore.Format(time.RFC3339),
		ValidityEndTime:   template.NotAfter.Format(time.RFC3339),
	}, nil
}

func keyID(key crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("writing the public key: %w", err)
	}
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("reading the public key: %w", err)
	}
	sum := sha1.Sum(info.Key.Bytes) //nolint:gosec // as at the import
	return sum[:], nil
}

func readCertificate(text string) (*x509.Certificate, error) {
	decoded, _ := pem.Decode([]byte(text))
	if decoded == nil || decoded.Type != "CERTIFICATE" {
		return nil, errors.New("caCertPem is not a PEM block of type CERTIFICATE; " +
			"pass a SelfSignedCert's certPem")
	}
	certificate, err := x509.ParseCertificate(decoded.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading caCertPem: %w", err)
	}
	return certificate, nil
}

// expiring says whether the certificate in a state has to be issued again: it has expired, or has
// come within its earlyRenewalHours of it.
func expiring(state property.Map, now time.Time) bool {
	end := state.Get("validityEndTime")
	if !end.IsString() {
		return false
	}
	expiry, err := time.Parse(time.RFC3339, end.AsString())
	if err != nil {
		return true
	}
	early := time.Duration(0)
	if hours := state.Get("earlyRenewalHours"); hours.IsNumber() {
		early = time.Duration(hours.AsNumber()) * time.Hour
	}
	return !now.Before(expiry.Add(-early))
}
