package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/bcrypt"

	"agent-platform/toolchain/providers/serving"
)

func server(t *testing.T) integration.Server {
	t.Helper()
	served, err := integration.NewServer(context.Background(), "random", semver.MustParse(version),
		integration.WithProvider(serving.Provider(plugin())))
	if err != nil {
		t.Fatal(err)
	}
	return served
}

func named(resource string) urn.URN {
	module := strings.ToLower(resource[:1]) + resource[1:]
	return urn.URN("urn:pulumi:test::test::random:index/" + module + ":" + resource + "::one")
}

func create(t *testing.T, resource string, inputs map[string]property.Value) p.CreateResponse {
	t.Helper()
	served := server(t)
	checked, err := served.Check(p.CheckRequest{Urn: named(resource), Inputs: property.NewMap(inputs)})
	if err != nil || len(checked.Failures) > 0 {
		t.Fatalf("check: %v %v", checked.Failures, err)
	}
	created, err := served.Create(p.CreateRequest{Urn: named(resource), Properties: checked.Inputs})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func TestAPasswordIsASecretAndSoIsItsHash(t *testing.T) {
	created := create(t, "RandomPassword", map[string]property.Value{"length": property.New(24.0)})
	result, hash := created.Properties.Get("result"), created.Properties.Get("bcryptHash")
	if !result.Secret() || !hash.Secret() {
		t.Errorf("secret: result %t, bcryptHash %t, want both", result.Secret(), hash.Secret())
	}
	if len(result.AsString()) != 24 {
		t.Errorf("got %d characters, want 24", len(result.AsString()))
	}
	if err := bcrypt.CompareHashAndPassword([]byte(hash.AsString()), []byte(result.AsString())); err != nil {
		t.Error(err)
	}
	if created.ID != "none" {
		t.Errorf("id is %q, want none, as with the official plugin", created.ID)
	}
}

func TestAPasswordBeyondWhatBcryptReadsIsHashedAllTheSame(t *testing.T) {
	created := create(t, "RandomPassword", map[string]property.Value{"length": property.New(100.0)})
	password, hash := created.Properties.Get("result").AsString(), created.Properties.Get("bcryptHash").AsString()
	if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password[:72])); err != nil {
		t.Error(err)
	}
}

func TestAnIdIsOneNumberInFourNotations(t *testing.T) {
	created := create(t, "RandomId", map[string]property.Value{
		"byteLength": property.New(8.0), "prefix": property.New("db-"),
	})
	state := created.Properties
	number, err := hex.DecodeString(strings.TrimPrefix(state.Get("hex").AsString(), "db-"))
	if err != nil || len(number) != 8 {
		t.Fatalf("hex is %q, want db- and 16 digits", state.Get("hex").AsString())
	}
	for key, want := range map[string]string{
		"b64Std": "db-" + base64.StdEncoding.EncodeToString(number),
		"b64Url": "db-" + base64.RawURLEncoding.EncodeToString(number),
	} {
		if got := state.Get(key).AsString(); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if created.ID != base64.RawURLEncoding.EncodeToString(number) {
		t.Errorf("id is %q, want the number without the prefix", created.ID)
	}
}

func TestBytesAreSecretAndNotTheID(t *testing.T) {
	created := create(t, "RandomBytes", map[string]property.Value{"length": property.New(32.0)})
	decoded, err := base64.StdEncoding.DecodeString(created.Properties.Get("base64").AsString())
	if err != nil || len(decoded) != 32 {
		t.Errorf("base64 holds %d bytes (%v), want 32", len(decoded), err)
	}
	if !created.Properties.Get("base64").Secret() || !created.Properties.Get("hex").Secret() {
		t.Error("base64 and hex have to be secret")
	}
	if created.ID != "none" {
		t.Errorf("id is %q; an id is not encrypted and must not tell the bytes", created.ID)
	}
}

func TestAPreviewLeavesTheValueUnknown(t *testing.T) {
	created, err := server(t).Create(p.CreateRequest{
		Urn:        named("RandomPassword"),
		Properties: property.NewMap(map[string]property.Value{"length": property.New(24.0)}),
		DryRun:     true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !created.Properties.Get("result").IsComputed() {
		t.Errorf("result is %v, want unknown", created.Properties.Get("result"))
	}
}

func TestAnInputThatChangesReplacesAndOneThatDoesNotLeavesAlone(t *testing.T) {
	inputs := func(length float64, keeper string) property.Map {
		return property.NewMap(map[string]property.Value{
			"length":  property.New(length),
			"keepers": property.New(map[string]property.Value{"k": property.New(keeper)}),
		})
	}
	for name, test := range map[string]struct {
		news    property.Map
		replace string
	}{
		"nothing": {inputs(24, "a"), ""},
		"length":  {inputs(25, "a"), "length"},
		"keepers": {inputs(24, "b"), "keepers"},
	} {
		t.Run(name, func(t *testing.T) {
			// Bookkeeping of the official plugin must not look like a change.
			olds := inputs(24, "a").Set("__defaults", property.New([]property.Value{}))
			diff, err := server(t).Diff(p.DiffRequest{
				ID: "none", Urn: named("RandomPassword"), Inputs: test.news, OldInputs: olds,
				State: olds.Set("result", property.New("x")).Set("bcryptHash", property.New("y")).
					Set("__meta", property.New("{}")),
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff.HasChanges != (test.replace != "") {
				t.Errorf("changes: %t", diff.HasChanges)
			}
			for property, change := range diff.DetailedDiff {
				if !strings.HasPrefix(property, test.replace) || change.Kind != p.UpdateReplace {
					t.Errorf("%s: %s, want %s to replace", property, change.Kind, test.replace)
				}
			}
		})
	}
}

func TestAnUnsupportedResourceNamesTheOfficialPlugin(t *testing.T) {
	_, err := server(t).Check(p.CheckRequest{Urn: named("RandomPet")})
	if err == nil || !strings.Contains(err.Error(), "pulumi plugin install resource random v"+version) {
		t.Errorf("got %v, want the command that installs the official plugin", err)
	}
}
