package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"

	"agent-platform/toolchain/providers/serving"
)

type inputs = map[string]property.Value

func server(t *testing.T) integration.Server {
	t.Helper()
	served, err := integration.NewServer(context.Background(), "tls", semver.MustParse(version),
		integration.WithProvider(serving.Provider(plugin())))
	if err != nil {
		t.Fatal(err)
	}
	return served
}

func named(resource string) urn.URN {
	module := strings.ToLower(resource[:1]) + resource[1:]
	return urn.URN("urn:pulumi:test::test::tls:index/" + module + ":" + resource + "::one")
}

func create(t *testing.T, resource string, in inputs) p.CreateResponse {
	t.Helper()
	served := server(t)
	checked, err := served.Check(p.CheckRequest{Urn: named(resource), Inputs: property.NewMap(in)})
	if err != nil || len(checked.Failures) > 0 {
		t.Fatalf("check: %v %v", checked.Failures, err)
	}
	created, err := served.Create(p.CreateRequest{Urn: named(resource), Properties: checked.Inputs})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func texts(values ...string) property.Value {
	list := make([]property.Value, 0, len(values))
	for _, value := range values {
		list = append(list, property.New(value))
	}
	return property.New(list)
}

func text(created p.CreateResponse, key string) string {
	return created.Properties.Get(key).AsString()
}

func privateKey(t *testing.T) property.Value {
	t.Helper()
	return property.New(text(create(t, "PrivateKey", inputs{
		"algorithm": property.New("ECDSA"), "ecdsaCurve": property.New("P256"),
	}), "privateKeyPem"))
}

func authority(t *testing.T, key property.Value) p.CreateResponse {
	t.Helper()
	return create(t, "SelfSignedCert", inputs{
		"privateKeyPem":       key,
		"isCaCertificate":     property.New(true),
		"validityPeriodHours": property.New(100.0),
		"allowedUses":         texts("cert_signing", "crl_signing"),
		"subject":             property.New(inputs{"commonName": property.New("test CA")}),
	})
}

func TestAPrivateKeyIsReadableInEveryFormAndSecretInAll(t *testing.T) {
	for name, args := range map[string]inputs{
		"RSA":        {"algorithm": property.New("RSA"), "rsaBits": property.New(2048.0)},
		"ECDSA P384": {"algorithm": property.New("ECDSA"), "ecdsaCurve": property.New("P384")},
		"ED25519":    {"algorithm": property.New("ED25519")},
	} {
		t.Run(name, func(t *testing.T) {
			created := create(t, "PrivateKey", args)
			for _, form := range []string{"privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"} {
				key, err := readKey(text(created, form))
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				public, err := publish(key)
				if err != nil {
					t.Fatal(err)
				}
				if public.pem != text(created, "publicKeyPem") || public.id != created.ID {
					t.Errorf("%s is another key than publicKeyPem and id say", form)
				}
				if !created.Properties.Get(form).Secret() {
					t.Errorf("%s has to be secret", form)
				}
			}
			open, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text(created, "publicKeyOpenssh")))
			if err != nil {
				t.Fatal(err)
			}
			if ssh.FingerprintSHA256(open) != text(created, "publicKeyFingerprintSha256") {
				t.Error("the fingerprint is not that of publicKeyOpenssh")
			}
		})
	}
}

func TestTheDefaultCurveHasNoOpenSSHForm(t *testing.T) {
	created := create(t, "PrivateKey", inputs{"algorithm": property.New("ECDSA")})
	if got := text(created, "ecdsaCurve"); got != "P224" {
		t.Errorf("curve is %s, want P224", got)
	}
	if text(created, "publicKeyOpenssh") != "" || text(created, "publicKeyFingerprintMd5") != "" {
		t.Error("OpenSSH has no P224; its properties have to be empty")
	}
}

func TestAServerWithALocallySignedCertificateIsTrustedByItsNamesOnly(t *testing.T) {
	caKey, key := privateKey(t), privateKey(t)
	ca := authority(t, caKey)
	request := create(t, "CertRequest", inputs{
		"privateKeyPem": key,
		"dnsNames":      texts("redis.stores.svc", "redis"),
		"ipAddresses":   texts("127.0.0.1"),
		"subject":       property.New(inputs{"commonName": property.New("redis")}),
	})
	issued := create(t, "LocallySignedCert", inputs{
		"caCertPem":           property.New(text(ca, "certPem")),
		"caPrivateKeyPem":     caKey,
		"certRequestPem":      property.New(text(request, "certRequestPem")),
		"validityPeriodHours": property.New(10.0),
		"allowedUses":         texts("server_auth", "digital_signature"),
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(text(ca, "certPem")))
	pair, err := tls.X509KeyPair([]byte(text(issued, "certPem")), []byte(key.AsString()))
	if err != nil {
		t.Fatal(err)
	}
	for name, trusted := range map[string]bool{
		"redis.stores.svc": true, "redis": true, "127.0.0.1": true, "postgres.stores.svc": false, "::1": false,
	} {
		if err := handshake(pair, roots, name); (err == nil) != trusted {
			t.Errorf("as %s: %v, want trusted %t", name, err, trusted)
		}
	}
}

func handshake(pair tls.Certificate, roots *x509.CertPool, name string) error {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13,
	})
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	go func() {
		if server, err := listener.Accept(); err == nil {
			_ = server.(*tls.Conn).Handshake()
			_ = server.Close()
		}
	}()
	client, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{
		RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS13,
	})
	if err != nil {
		return err
	}
	return client.Close()
}

func TestACertificateLastsAsLongAsAsked(t *testing.T) {
	ca := authority(t, privateKey(t))
	certificate, err := readCertificate(text(ca, "certPem"))
	if err != nil {
		t.Fatal(err)
	}
	if got := certificate.NotAfter.Sub(certificate.NotBefore); got != 100*time.Hour {
		t.Errorf("valid for %s, want 100h", got)
	}
	if text(ca, "validityEndTime") != certificate.NotAfter.Local().Format(time.RFC3339) {
		t.Errorf("validityEndTime is %s, the certificate ends %s", text(ca, "validityEndTime"), certificate.NotAfter)
	}
	if !certificate.IsCA || len(certificate.SubjectKeyId) == 0 {
		t.Error("the CA is not marked as one, or has no key id")
	}
}

func TestACertificateIsReissuedOnceItIsDue(t *testing.T) {
	now := time.Now()
	in := property.NewMap(inputs{
		"privateKeyPem":       property.New("unused"),
		"validityPeriodHours": property.New(100.0),
		"earlyRenewalHours":   property.New(24.0),
		"allowedUses":         texts("server_auth"),
	})
	for name, test := range map[string]struct {
		end time.Time
		due bool
	}{
		"with days to go":          {now.Add(72 * time.Hour), false},
		"a minute before the time": {now.Add(24*time.Hour + time.Minute), false},
		"within the early renewal": {now.Add(23 * time.Hour), true},
		"after it has run out":     {now.Add(-time.Hour), true},
	} {
		t.Run(name, func(t *testing.T) {
			state := in.Set("validityEndTime", property.New(test.end.Format(time.RFC3339))).
				Set("validityStartTime", property.New(now.Format(time.RFC3339))).
				Set("certPem", property.New("unused")).
				Set("readyForRenewal", property.New(false)).
				Set("keyAlgorithm", property.New("ECDSA"))
			diff, err := server(t).Diff(p.DiffRequest{
				ID: "1", Urn: named("SelfSignedCert"), State: state, Inputs: in, OldInputs: in,
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff.HasChanges != test.due || (test.due && diff.DetailedDiff["readyForRenewal"].Kind != p.UpdateReplace) {
				t.Errorf("got %v, want a replacement: %t", diff, test.due)
			}
		})
	}
}

func TestWrongInputsAreNamedWithTheirRemedy(t *testing.T) {
	key := privateKey(t)
	for name, test := range map[string]struct {
		resource string
		in       inputs
		want     string
	}{
		"algorithm": {"PrivateKey", inputs{"algorithm": property.New("DSA")}, "RSA, ECDSA, ED25519"},
		"curve": {"PrivateKey", inputs{
			"algorithm": property.New("ECDSA"), "ecdsaCurve": property.New("P255"),
		}, "P256"},
		"address":    {"CertRequest", inputs{"privateKeyPem": key, "ipAddresses": texts("localhost")}, "localhost"},
		"no key":     {"CertRequest", inputs{"dnsNames": texts("a")}, "privateKeyPem is missing"},
		"write-only": {"CertRequest", inputs{"privateKeyPemWo": key}, "official plugin"},
		"usage": {"SelfSignedCert", inputs{
			"privateKeyPem": key, "validityPeriodHours": property.New(1.0), "allowedUses": texts("serve"),
		}, "server_auth"},
		"renewal at once": {"SelfSignedCert", inputs{
			"privateKeyPem": key, "validityPeriodHours": property.New(5.0), "earlyRenewalHours": property.New(5.0),
			"allowedUses": texts("server_auth"),
		}, "due for renewal"},
	} {
		t.Run(name, func(t *testing.T) {
			checked, err := server(t).Check(p.CheckRequest{Urn: named(test.resource), Inputs: property.NewMap(test.in)})
			if err != nil {
				t.Fatal(err)
			}
			if len(checked.Failures) != 1 || !strings.Contains(checked.Failures[0].Reason, test.want) {
				t.Errorf("got %v, want one failure with %q", checked.Failures, test.want)
			}
		})
	}
}
