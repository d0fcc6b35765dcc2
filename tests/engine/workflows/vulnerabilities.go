// Command vulnerabilities writes a vulnerability database of grype's for tests: a grave one of a Python
// package, mended in a later version; one of a Debian package that nobody has mended yet.
//
// It is run with the modules of grype's recipe: go run vulnerabilities.go FOLDER python-package deb-package
package main

import (
	"log"
	"os"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("got other arguments, wanted: FOLDER python-package deb-package")
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func write(folder, python, deb string) error {
	db, err := v6.NewWriter(v6.Config{DBDirPath: folder})
	if err != nil {
		return err
	}
	mended := &v6.Fix{Version: "9999.0", State: v6.FixedStatus}
	debian := &v6.OperatingSystem{Name: "debian", MajorVersion: "12", Codename: "bookworm"}
	for _, one := range []*v6.AffectedPackageHandle{
		affected("CVE-2026-1111", "critical", nil, "python", python, "python", mended),
		affected("CVE-2026-2222", "low", nil, "python", python, "python", mended),
		affected("CVE-2026-3333", "critical", debian, "deb", deb, "dpkg", &v6.Fix{State: v6.NotFixedStatus}),
	} {
		if err := db.AddVulnerabilities(one.Vulnerability); err != nil {
			return err
		}
		one.VulnerabilityID = one.Vulnerability.ID
		if err := db.AddAffectedPackages(one); err != nil {
			return err
		}
	}
	if err := db.SetDBMetadata(); err != nil {
		return err
	}
	return db.Close()
}

func affected(id, severity string, system *v6.OperatingSystem, ecosystem, name, kind string, fix *v6.Fix) *v6.AffectedPackageHandle {
	now := time.Now()
	return &v6.AffectedPackageHandle{
		Vulnerability: &v6.VulnerabilityHandle{
			Name:          id,
			Status:        v6.VulnerabilityActive,
			PublishedDate: &now,
			Provider:      &v6.Provider{ID: "tests", Version: "1", DateCaptured: &now},
			BlobValue: &v6.VulnerabilityBlob{
				ID:          id,
				Description: "Whoever asks gets everything.",
				Severities:  []v6.Severity{{Scheme: v6.SeveritySchemeCHML, Value: severity, Rank: 1}},
			},
		},
		OperatingSystem: system,
		Package:         &v6.Package{Ecosystem: ecosystem, Name: name},
		BlobValue: &v6.PackageBlob{
			Ranges: []v6.Range{{Version: v6.Version{Type: kind, Constraint: "< 9999.0"}, Fix: fix}},
		},
	}
}
