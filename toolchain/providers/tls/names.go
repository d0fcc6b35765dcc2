package main

import (
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/url"
)

// Subject is whom a certificate is about.
type Subject struct {
	CommonName         *string  `pulumi:"commonName,optional"`
	Country            *string  `pulumi:"country,optional"`
	EmailAddress       *string  `pulumi:"emailAddress,optional"`
	Locality           *string  `pulumi:"locality,optional"`
	Organization       *string  `pulumi:"organization,optional"`
	OrganizationalUnit *string  `pulumi:"organizationalUnit,optional"`
	PostalCode         *string  `pulumi:"postalCode,optional"`
	Province           *string  `pulumi:"province,optional"`
	SerialNumber       *string  `pulumi:"serialNumber,optional"`
	StreetAddresses    []string `pulumi:"streetAddresses,optional"`
}

// emailOID is the object identifier of emailAddress, which pkix.Name has no field for.
var emailOID = []int{1, 2, 840, 113549, 1, 9, 1}

// distinguished is the subject as certificates write it.
func (s *Subject) distinguished() pkix.Name {
	if s == nil {
		return pkix.Name{}
	}
	name := pkix.Name{
		Country:            some(s.Country),
		Organization:       some(s.Organization),
		OrganizationalUnit: some(s.OrganizationalUnit),
		Locality:           some(s.Locality),
		Province:           some(s.Province),
		StreetAddress:      s.StreetAddresses,
		PostalCode:         some(s.PostalCode),
	}
	if s.CommonName != nil {
		name.CommonName = *s.CommonName
	}
	if s.SerialNumber != nil {
		name.SerialNumber = *s.SerialNumber
	}
	if s.EmailAddress != nil {
		name.ExtraNames = []pkix.AttributeTypeAndValue{{Type: emailOID, Value: *s.EmailAddress}}
	}
	return name
}

func some(value *string) []string {
	if value == nil {
		return nil
	}
	return []string{*value}
}

// Names are the subject and the alternative names of a certificate.
type Names struct {
	DNSNames    []string `pulumi:"dnsNames,optional"`
	IPAddresses []string `pulumi:"ipAddresses,optional"`
	Subject     *Subject `pulumi:"subject,optional"`
	URIs        []string `pulumi:"uris,optional"`
}

func (n Names) addresses() ([]net.IP, error) {
	addresses := make([]net.IP, 0, len(n.IPAddresses))
	for _, text := range n.IPAddresses {
		address := net.ParseIP(text)
		if address == nil {
			return nil, fmt.Errorf("ipAddresses has %q, which is not an IP address", text)
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}

func (n Names) locations() ([]*url.URL, error) {
	locations := make([]*url.URL, 0, len(n.URIs))
	for _, text := range n.URIs {
		location, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("uris has %q, which is not a URI: %w", text, err)
		}
		locations = append(locations, location)
	}
	return locations, nil
}
