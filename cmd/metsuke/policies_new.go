package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

//go:embed policy.tmpl
var policyTemplates string

func newPoliciesNew(p *process) *cobra.Command {
	var typ string
	cmd := &cobra.Command{
		Use:   "new ID [DIR] --type TYPE",
		Short: "Write a policy and its tests to start from",
		Long: `Write a policy of your own and its tests below DIR, which is "policies" unless you say
otherwise: a .rego file, a _test.rego file and a _cases.yaml file. They load and pass
as they are. A file that is there is never overwritten.

The id is of lower-case letters, digits and hyphens, begins with the place of the
policy, and is for ever: acme-s3-versioned becomes DIR/acme/s3/versioned.rego.`,
		Example: `  metsuke policies new acme-s3-versioned --type aws_s3_bucket
  metsuke policies test policies
  metsuke gate tfplan.json --policy-dir policies`,
		Args: arguments(cobra.RangeArgs(1, 2)),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "policies"
			if len(args) > 1 {
				dir = args[1]
			}
			e, err := engine.Load(builtin())
			if err != nil {
				return err
			}
			files, err := scaffold(e, args[0], providers.Type(typ))
			if err != nil {
				return err
			}
			var names []string
			for _, name := range sortedKeys(files) {
				names = append(names, filepath.Join(dir, filepath.FromSlash(name)))
			}
			for _, name := range names {
				if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("%s exists and is not overwritten: choose another id or directory", name)
				}
			}
			for i, name := range names {
				if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
					return fmt.Errorf("write %s: %w", name, plainPathError(err))
				}
				if err := createFile(name, files[sortedKeys(files)[i]]); err != nil {
					return err
				}
				fmt.Fprintln(p.stdout, name)
			}
			p.say("`metsuke policies test %s` runs its tests", dir)
			return nil
		},
	}
	exits(cmd, "0  the files were written", "2  a file exists or cannot be written, the id or the type is wrong, or a usage error")
	cmd.Flags().StringVar(&typ, "type", "", "`TYPE` of the resources that the policy judges: aws_s3_bucket")
	completeWith(cmd, "type", typeNames)
	if err := cmd.MarkFlagRequired("type"); err != nil {
		panic(err) // a mistake in this program
	}
	return cmd
}

var newID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)

// draft is what the templates of a new policy are filled with.
type draft struct {
	Package, TestPackage, Type string
	Attribute                  string // the attribute that is looked at; "" looks at the tags
	Bad, Good                  string // values of the attribute that fail and pass
}

// scaffold returns the files of a new policy by their paths. The policy looks at an
// attribute of the type that can be looked at in one line.
func scaffold(e *engine.Engine, id string, typ providers.Type) (map[string]string, error) {
	if !newID.MatchString(id) {
		return nil, fmt.Errorf("%q cannot be an id: write lower-case letters and digits in parts joined by hyphens, such as acme-s3-versioned", id)
	}
	if _, ok := e.Policy(id); ok {
		return nil, fmt.Errorf("there is a policy %s already: an id belongs to one policy; `metsuke policies show %s`", id, id)
	}
	schema, ok := e.Schema(typ)
	if !ok {
		var names []string
		for _, t := range e.Types() {
			names = append(names, string(t))
		}
		return nil, fmt.Errorf("--type %s: there is no such type%s", typ, nearest.Hint(string(typ), names))
	}
	parts := strings.SplitN(id, "-", 3)
	name := strings.ReplaceAll(parts[len(parts)-1], "-", "_")
	parts[len(parts)-1] = name
	d := draft{Package: packageName(parts), Type: string(typ)}
	d.TestPackage = packageName(append(slices.Clone(parts[:len(parts)-1]), name+"_test"))
	d.Attribute, d.Bad, d.Good = simple(schema)
	files := map[string]string{}
	all, err := template.New("policy").Parse(policyTemplates)
	if err != nil {
		return nil, err
	}
	for _, suffix := range []string{".rego", "_test.rego", "_cases.yaml"} {
		var b bytes.Buffer
		if err := all.ExecuteTemplate(&b, suffix, d); err != nil {
			return nil, err
		}
		files[strings.Join(parts, "/")+suffix] = b.String()
	}
	return files, nil
}

// packageName writes a package path. A part that Rego would not take for a name is
// quoted.
func packageName(parts []string) string {
	out := "metsuke"
	for _, p := range parts {
		if p[0] >= '0' && p[0] <= '9' || slices.Contains([]string{"as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package", "set", "some", "true", "with"}, p) {
			out += fmt.Sprintf("[%q]", p)
			continue
		}
		out += "." + p
	}
	return out
}

// simple finds an attribute that is a boolean or can be null, with a value that fails
// and one that passes.
func simple(schema map[string]any) (name, bad, good string) {
	properties, _ := schema["properties"].(map[string]any)
	for _, want := range []struct{ kind, bad, good string }{{"boolean", "false", "true"}, {"string", "null", `"x"`}, {"number", "null", "1"}, {"integer", "null", "1"}} {
		for _, name := range sortedKeys(properties) {
			property, _ := properties[name].(map[string]any)
			kinds := typesOf(property["type"])
			if slices.Contains(kinds, want.kind) && (want.bad != "null" || slices.Contains(kinds, "null")) && property["enum"] == nil {
				return name, want.bad, want.good
			}
		}
	}
	return "", "", ""
}

// typesOf returns the types that a schema allows.
func typesOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, t := range v {
			if s, ok := t.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
