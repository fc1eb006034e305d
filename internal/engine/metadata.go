package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Policy is a loaded policy: what it says of itself and where it stands.
type Policy struct {
	finding.Policy
	Builtin bool                        `json:"builtin"`           // shipped with metsuke
	Plan    string                      `json:"plan,omitempty"`    // yes, partial or no: what it can say of a Terraform plan; "" is not said
	Aliases []string                    `json:"aliases,omitempty"` // former ids, still accepted
	Uses    map[providers.Type][]string `json:"uses,omitempty"`    // joined types and the attributes read of them
	Params  map[string]Param            `json:"params,omitempty"`
	// Patterns are those of custom.types that stand for more than one type.
	Patterns []providers.Type `json:"patterns,omitempty"`

	source
	digest      string   // where the index says it, see Digest
	schemaNames []string // schemas that its METADATA annotates
	// IndexedReads are the paths below input that the policy reads, where the index
	// says it; nil where it has to be found out.
	IndexedReads [][]string `json:"reads,omitempty"`
}

// source is a policy's or a library's Rego, parsed when it is needed.
type source struct {
	File    string   `json:"file"`
	Package string   `json:"package"`
	Imports []string `json:"imports,omitempty"` // packages of this project that it imports
	// Applicable says that it has a rule of that name.
	Applicable bool `json:"applicable,omitempty"`

	from    fs.FS // where the text is read; nil when it was
	reading sync.Once
	text    string
	readErr error
	once    sync.Once
	parsed  *ast.Module
	err     error
}

// content returns the text of the file.
func (s *source) content() (string, error) {
	s.reading.Do(func() {
		if s.from != nil {
			s.text, s.readErr = readText(s.from, s.File)
		}
	})
	return s.text, s.readErr
}

// module returns the parsed Rego. Nobody may change it: copy it first.
func (s *source) module() (*ast.Module, error) {
	s.once.Do(func() {
		if s.parsed != nil {
			return
		}
		var text string
		if text, s.err = s.content(); s.err == nil {
			s.parsed, s.err = parse(s.File, text)
		}
	})
	return s.parsed, s.err
}

// indexed returns IndexedReads as reads.
func (p *Policy) indexed() reads {
	out := make(reads, 0, len(p.IndexedReads))
	for _, path := range p.IndexedReads {
		out = append(out, read{path: path})
	}
	return out
}

// Text returns the policy's file as it was loaded; "" where that is gone since.
func (p *Policy) Text() string {
	text, _ := p.content()
	return text
}

// Digest identifies the policy's file: the SHA-256 of its text, in hexadecimal.
func (p *Policy) Digest() string {
	if p.digest != "" {
		return p.digest
	}
	sum := sha256.Sum256([]byte(p.Text()))
	return hex.EncodeToString(sum[:])
}

// Param is a parameter of a policy: read as input.params.<name>.
type Param struct {
	Type        string `json:"type"` // number, string, boolean, list or map
	Default     any    `json:"default"`
	Description string `json:"description"`
}

// custom is the custom part of a policy's METADATA. Unknown keys are refused.
type custom struct {
	Severity    finding.Severity            `json:"severity"`
	Category    finding.Category            `json:"category"`
	Types       []providers.Type            `json:"types"`
	Uses        map[providers.Type][]string `json:"uses"`
	Params      map[string]Param            `json:"params"`
	Frameworks  map[string][]string         `json:"frameworks"`
	Remediation string                      `json:"remediation"`
	Terraform   string                      `json:"terraform"`
	Aliases     []string                    `json:"aliases"`
	Deprecated  bool                        `json:"deprecated"`
	Plan        planSupport                 `json:"plan"`
}

// planSupport is what a policy can say of a Terraform plan: YAML reads a bare yes as
// true in some versions, which is taken for the word.
type planSupport string

// UnmarshalJSON reads yes, partial or no.
func (s *planSupport) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"yes"`, "true":
		*s = "yes"
	case `"partial"`:
		*s = "partial"
	case `"no"`, "false":
		*s = "no"
	default:
		return fmt.Errorf("plan is %s, not one of yes, partial, no", b)
	}
	return nil
}

// root is the package under which all policies live.
const root = "metsuke"

// libRoot is the package under which shared functions live; a module there is no policy.
const libRoot = "metsuke.lib"

var idPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// policyID derives the id from the package path: metsuke.aws.s3.public_access_block
// is aws-s3-public-access-block.
func policyID(pkg ast.Ref) (string, error) {
	parts, err := packageParts(pkg)
	if err != nil {
		return "", err
	}
	if len(parts) < 2 || parts[0] != root {
		return "", fmt.Errorf("package is %q; a policy's package is %s.<provider>.<service>.<name>", strings.Join(parts, "."), root)
	}
	id := strings.ReplaceAll(strings.Join(parts[1:], "-"), "_", "-")
	if !idPattern.MatchString(id) {
		return "", fmt.Errorf("package %q gives the id %q; an id is of lower-case letters, digits and hyphens", strings.Join(parts, "."), id)
	}
	return id, nil
}

func packageParts(pkg ast.Ref) ([]string, error) {
	var parts []string
	for _, t := range pkg[1:] { // the first is data
		s, ok := t.Value.(ast.String)
		if !ok {
			return nil, fmt.Errorf("package path %s is not made of names", pkg)
		}
		parts = append(parts, string(s))
	}
	return parts, nil
}

// newSource wraps a parsed module.
func newSource(file, text string, m *ast.Module) (*source, error) {
	parts, err := packageParts(m.Package.Path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	s := &source{File: file, Package: strings.Join(parts, "."), text: text, parsed: m}
	for _, r := range m.Rules {
		s.Applicable = s.Applicable || r.Head.Ref()[0].Value.String() == "applicable"
	}
	for _, imp := range m.Imports {
		if ref, ok := imp.Path.Value.(ast.Ref); ok && ref[0].Value.String() == "data" {
			if lib, err := packageParts(ref); err == nil {
				s.Imports = append(s.Imports, strings.Join(lib, "."))
			}
		}
	}
	return s, nil
}

// newPolicy reads the METADATA of a module with a deny rule. It returns nil for a
// library: a module under metsuke.lib.
func newPolicy(src *source, m *ast.Module) (*Policy, error) {
	file, pkg := src.File, src.Package
	var deny []*ast.Rule
	for _, r := range m.Rules {
		if r.Head.Ref()[0].Value.String() == "deny" {
			deny = append(deny, r)
		}
	}
	if pkg == libRoot || strings.HasPrefix(pkg, libRoot+".") {
		if len(deny) > 0 {
			return nil, fmt.Errorf("%s: a library under %s must not have a deny rule", file, libRoot)
		}
		return nil, nil
	}
	if len(deny) == 0 {
		return nil, fmt.Errorf("%s: package %s has no deny rule; shared functions belong under package %s", file, pkg, libRoot)
	}
	for _, r := range deny {
		if r.Head.RuleKind() != ast.MultiValue || len(r.Head.Ref()) != 1 {
			return nil, fmt.Errorf("%s: write deny as a set: deny contains {\"message\": ..., \"path\": ...} if { ... }", r.Location)
		}
	}
	id, err := policyID(m.Package.Path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Package.Location, err)
	}
	a := packageAnnotation(m)
	if a == nil {
		return nil, fmt.Errorf("%s: the policy has no METADATA comment with scope: package above its package line", m.Package.Location)
	}
	c, err := readCustom(a)
	if err != nil {
		return nil, fmt.Errorf("%s: METADATA of %s: %w", m.Package.Location, id, err)
	}
	p := &Policy{
		Policy: finding.Policy{
			ID: id, Title: a.Title, Description: strings.TrimSpace(a.Description), Severity: c.Severity, Category: c.Category,
			Types: c.Types, Remediation: strings.TrimSpace(c.Remediation), Terraform: strings.TrimSpace(c.Terraform), Frameworks: c.Frameworks, Deprecated: c.Deprecated,
		},
		Plan: string(c.Plan), Aliases: c.Aliases, Uses: c.Uses, Params: c.Params,
		source: source{File: src.File, Package: src.Package, Imports: src.Imports, Applicable: src.Applicable, text: src.text, parsed: m},
	}
	for _, s := range a.Schemas {
		if len(s.Schema) > 1 {
			p.schemaNames = append(p.schemaNames, strings.Trim(s.Schema[len(s.Schema)-1].Value.String(), `"`))
		}
	}
	return p, nil
}

func packageAnnotation(m *ast.Module) *ast.Annotations {
	for _, a := range m.Annotations {
		if a.Scope == "package" {
			return a
		}
	}
	return nil
}

func readCustom(a *ast.Annotations) (custom, error) {
	var c custom
	b, err := json.Marshal(a.Custom)
	if err != nil {
		return c, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	var missing []string
	for name, absent := range map[string]bool{
		"title": a.Title == "", "custom.severity": c.Severity == "", "custom.category": c.Category == "", "custom.types": len(c.Types) == 0,
	} {
		if absent {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return c, fmt.Errorf("%s missing", strings.Join(missing, ", "))
	}
	if !slices.Contains(finding.Severities(), c.Severity) {
		return c, fmt.Errorf("custom.severity is %q, not one of %v", c.Severity, finding.Severities())
	}
	if !slices.Contains(finding.Categories(), c.Category) {
		return c, fmt.Errorf("custom.category is %q, not one of %v", c.Category, finding.Categories())
	}
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		if err := checkParam(c.Params[name].Type, c.Params[name].Default); err != nil {
			return c, fmt.Errorf("custom.params.%s: %w", name, err)
		}
	}
	return c, nil
}

// checkParam reports whether v is a value of a parameter of the type.
func checkParam(typ string, v any) error {
	ok := false
	switch typ {
	case "number":
		switch v.(type) {
		case float64, int, int64, uint64, json.Number:
			ok = true
		}
	case "string":
		_, ok = v.(string)
	case "boolean":
		_, ok = v.(bool)
	case "list":
		_, ok = v.([]any)
	case "map":
		_, ok = v.(map[string]any)
	default:
		return fmt.Errorf("type is %q, not one of number, string, boolean, list, map", typ)
	}
	if !ok {
		return fmt.Errorf("%v (%T) is not a %s", v, v, typ)
	}
	return nil
}
