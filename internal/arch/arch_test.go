// Package arch tests which package may import which: data flows one way, and a
// package imports only what is upstream of it.
package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/metsuke-dev/metsuke/"

// allowed lists, for each package or folder, the packages and folders of this
// module that it may import. The longest matching entry counts; a trailing slash
// means everything below.
func allowed() map[string][]string {
	return map[string][]string{
		"cmd":           {"cmd/metsuke/internal/", "internal/", "policies", "providers", "providers/", "report"},
		"policies":      {},
		"providers":     {},
		"providers/":    {"providers"},
		"providers/aws": {"providers", "providers/aws/", "providers/internal/"},
		// The services' packages see the kit; only the provider, above, lists the services.
		"providers/aws/":         {"providers", "providers/aws/internal/", "providers/internal/"},
		"providers/internal/":    {"providers", "providers/internal/"},
		"providers/terraform":    {"providers", "providers/terraform/", "providers/internal/"},
		"providers/providertest": {"providers"},
		"providers/aws/internal/awstest": {
			"internal/simcloud/awssim", "providers", "providers/aws/internal/", "providers/providertest",
		},
		"report":             {"internal/finding", "internal/nearest", "providers"},
		"internal/finding":   {"providers"},
		"internal/inventory": {"internal/finding", "providers"},
		"internal/iac":       {"internal/finding", "providers"},                    // pure logic over states and resources
		"internal/spend":     {"internal/finding", "internal/govern", "providers"}, // owner rules judge the lines of bills
		"internal/nearest":   {},
		"internal/comment":   {}, // the APIs of GitHub and GitLab; what it posts is the caller's
		"internal/config":    {"internal/yamlfile"},
		"internal/yamlfile":  {"internal/nearest"}, // below everything that people write as YAML
		"internal/govern":    {"internal/finding", "internal/nearest", "internal/yamlfile", "providers"},
		"internal/engine":    {"internal/finding", "internal/nearest", "providers"},
		// What is kept is an inventory, and the format of inventories is that of report.
		"internal/checkpoint":      {"internal/inventory", "providers", "report"},
		"internal/store":           {"internal/finding", "internal/govern", "providers"}, // govern's Watch says what a run looked at
		"internal/estate":          {"internal/inventory", "providers"},
		"internal/notify":          {"internal/finding"},              // channels and their messages; the outbox is handed in
		"internal/serve":           {"internal/finding", "providers"}, // what a scan is, is handed in
		"internal/scan":            {"internal/engine", "internal/estate", "internal/finding", "internal/inventory", "providers"},
		"internal/transcript":      {"providers"}, // what a plan answers, of whatever kind it is
		"internal/simcloud/":       {},
		"internal/plangen":         {},
		"internal/plangen/genplan": {"internal/plangen"},
		"internal/demo":            {"internal/simcloud/", "policies", "providers", "providers/"},
		"internal/refdocs":         {"internal/engine", "internal/finding", "providers"},
		"internal/arch":            {},
		"internal/store/storetest": {}, // a server for tests, also of commands
		"internal/parity":          {},
		"internal/e2e":             {},
		"internal/benchmarks":      {},
	}
}

// homes says which packages may import an outside module.
func homes() map[string][]string {
	return map[string][]string{
		"github.com/open-policy-agent/opa":     {"internal/engine"},
		"github.com/aws/":                      {"providers/aws", "internal/simcloud/awssim", "internal/demo", "cmd"},
		"cloud.google.com/":                    {"providers/gcp", "internal/simcloud/gcpsim"},
		"github.com/google/go-github":          {"providers/github"},
		"github.com/spf13/cobra":               {"cmd"},
		"github.com/hashicorp/hcl":             {"providers/terraform"},
		"github.com/hmarr/codeowners":          {"internal/govern"},
		"github.com/clipperhouse/displaywidth": {"report"},
		"github.com/xuri/excelize":             {"report"},
		"github.com/vbauerster/mpb":            {"cmd"},
		"github.com/jackc/pgx":                 {"internal/store"},
		"github.com/pressly/goose":             {"internal/store"},
		"modernc.org/sqlite":                   {"internal/store"},
	}
}

func TestPackagesImportOnlyWhatIsUpstreamOfThem(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || d.Name() == "examples" || strings.HasPrefix(d.Name(), ".") && p != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(p))
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range f.Imports {
			imp, err := strconv.Unquote(im.Path.Value)
			if err != nil {
				return err
			}
			if in, ok := strings.CutPrefix(imp, module); ok && !may(rel, in) {
				t.Errorf("%s imports %s: not allowed, see allowed in this file", p, in)
			}
			for outside, packages := range homes() {
				if strings.HasPrefix(imp, outside) && !slices.ContainsFunc(packages, func(h string) bool { return rel == h || strings.HasPrefix(rel, h+"/") }) {
					t.Errorf("%s imports %s: only %v may", p, imp, packages)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func may(from, to string) bool {
	best, rules := "", []string(nil)
	for k, v := range allowed() {
		below := strings.HasSuffix(k, "/")
		if (from == k || below && strings.HasPrefix(from, k) || !below && strings.HasPrefix(from, k+"/")) && len(k) > len(best) {
			best, rules = k, v
		}
	}
	return slices.ContainsFunc(rules, func(r string) bool {
		return r == to || strings.HasSuffix(r, "/") && strings.HasPrefix(to, r)
	})
}
