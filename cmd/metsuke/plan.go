package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"

	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// planOptions are the flags that say how a plan is read.
type planOptions struct {
	dir        string
	incomplete bool
	state      string // judged instead of a plan
}

// sourceTree returns the directory from which positions are counted, and that of the
// root module below it. It is the working directory where the module is in it, as in
// a CI job, and else the repository.
func sourceTree(dir string) (root, below string, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		return "", "", fmt.Errorf("--terraform-dir %s: it is no directory", dir)
	}
	root = abs
	if wd, err := os.Getwd(); err == nil && isBelow(wd, abs) {
		root = wd
	} else {
		for up := abs; ; up = filepath.Dir(up) {
			if _, err := os.Stat(filepath.Join(up, ".git")); err == nil {
				root = up
				break
			}
			if up == filepath.Dir(up) {
				break
			}
		}
	}
	if below, err = filepath.Rel(root, abs); err != nil {
		return "", "", err
	}
	if below = filepath.ToSlash(below); below == "." {
		below = ""
	}
	return root, below, nil
}

func isBelow(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(rel)
}

// planFile is an opened plan. The files that its findings name are relative to where
// the command runs or to the repository, as whoever reads the report expects, and not
// to the directory of the root module.
type planFile struct {
	*terraform.Provider
	below string
}

// Collect implements providers.Provider.
func (f planFile) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	return f.Provider.Collect(ctx, s, want, placing{out, f.below})
}

// Comments returns the comments in the sources that begin with the prefix.
func (f planFile) Comments(prefix string) []terraform.Comment {
	out := f.Provider.Comments(prefix)
	for i := range out {
		out[i].File = path.Join(f.below, out[i].File)
	}
	return out
}

// Before implements scan.Changing.
func (f planFile) Before(whole func(providers.Type) bool) providers.Provider { return f.before(whole) }

func (f planFile) before(whole func(providers.Type) bool) planFile {
	before, ok := f.Provider.Before(whole).(*terraform.Provider)
	if !ok {
		panic("a plan before its apply is a plan") // a mistake in this program
	}
	return planFile{Provider: before, below: f.below}
}

// Locate returns the place of an attribute of a resource.
func (f planFile) Locate(r providers.Resource, at, key string) *providers.Source {
	return moved(f.Provider.Locate(r, at, key), f.below)
}

// placing is a Sink that moves the files of resources below a directory.
type placing struct {
	providers.Sink
	below string
}

// Resource implements providers.Sink.
func (p placing) Resource(r providers.Resource) {
	r.Source = moved(r.Source, p.below)
	p.Sink.Resource(r)
}

// moved moves the files of a source below a directory.
func moved(s *providers.Source, below string) *providers.Source {
	if s == nil || s.File == "" && len(s.Calls) == 0 {
		return s
	}
	out := *s
	if out.File != "" {
		out.File = path.Join(below, out.File)
	}
	out.Calls = slices.Clone(s.Calls)
	for i := range out.Calls {
		out.Calls[i].File = path.Join(below, out.Calls[i].File)
	}
	return &out
}

// openPlan opens a plan file, standard input, or a binary plan. The label tells it from
// the other plans of the run, "" is the only one.
func openPlan(ctx context.Context, p *process, name, label string, o planOptions) (planFile, error) {
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		return planFile{}, err
	}
	out := planFile{}
	opt := terraform.Options{Name: name, Schemas: schemas, AllowIncomplete: o.incomplete}
	if o.dir != "" {
		var root string
		if root, out.below, err = sourceTree(o.dir); err != nil {
			return planFile{}, err
		}
		opt.Sources, opt.SourceDir = os.DirFS(root), out.below
	}
	in, size, err := planText(ctx, p, "plan", name)
	if err != nil {
		return planFile{}, err
	}
	if name == "-" {
		opt.Name = "standard input"
	}
	if label != "" {
		opt.Name, opt.Prefix = label, label+":"
	}
	out.Provider, err = terraform.Open(in, size, opt)
	var refused *terraform.Error
	if errors.As(err, &refused) && refused.Kind == terraform.Incomplete {
		named := *refused
		named.Fix = "plan without -target, or judge what it holds with --allow-incomplete-plan"
		err = &named
	}
	return out, err
}

// openState opens a state, a file or standard input.
func openState(ctx context.Context, p *process, name string) (planFile, error) {
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		return planFile{}, err
	}
	in, size, err := planText(ctx, p, "state", name)
	if err != nil {
		return planFile{}, err
	}
	opt := terraform.Options{Name: name, Schemas: schemas}
	if name == "-" {
		opt.Name = "standard input"
	}
	state, err := terraform.OpenState(in, size, opt)
	return planFile{Provider: state}, err
}

// planText returns the JSON of a plan or a state. A file stays open until the process
// ends.
func planText(ctx context.Context, p *process, what, name string) (io.ReaderAt, int64, error) {
	writes := "terraform show -json PLANFILE > plan.json"
	if what == "state" {
		writes = "terraform show -json > state.json"
	}
	if name == "-" {
		b, err := io.ReadAll(p.stdin)
		if err != nil {
			return nil, 0, fmt.Errorf("read the %s from standard input: %w", what, err)
		}
		return bytes.NewReader(b), int64(len(b)), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("read the %s: %w; `%s` writes one", what, err, writes)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("read the %s: %w", what, err)
	}
	if info.IsDir() {
		return nil, 0, fmt.Errorf("read the %s: %s is a directory", what, name)
	}
	head := make([]byte, 4)
	if n, _ := f.ReadAt(head, 0); what == "plan" && bytes.HasPrefix(head[:n], []byte("PK\x03\x04")) { // a plan file is a zip archive
		b, err := showPlan(ctx, name)
		return bytes.NewReader(b), int64(len(b)), err
	}
	return f, info.Size(), nil
}

// showPlan converts a binary plan with a tool on PATH: only that which wrote it can read
// it, which is seen by trying, and only beside the providers that it was made with.
func showPlan(ctx context.Context, name string) ([]byte, error) {
	var failed []error
	for _, tool := range []string{"terraform", "tofu"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			continue
		}
		var out, complaint bytes.Buffer
		cmd := exec.CommandContext(ctx, path, "show", "-json", name)
		if dir := filepath.Dir(name); !initialised(".") && initialised(dir) {
			cmd.Dir, cmd.Args[3] = dir, filepath.Base(name)
		}
		cmd.Stdout, cmd.Stderr = &out, &complaint
		if err = cmd.Run(); err == nil {
			return out.Bytes(), nil
		}
		failed = append(failed, fmt.Errorf("%s show -json %s failed: %w\n%s", tool, name, err, bytes.TrimSpace(complaint.Bytes())))
	}
	if len(failed) > 0 {
		return nil, fmt.Errorf("%s is a binary plan, and %w", name, errors.Join(failed...))
	}
	return nil, errors.New(name + " is a binary plan, and neither terraform nor tofu is on PATH to convert it; give the output of terraform show -json " + name)
}

// initialised reports whether terraform init was run in the directory.
func initialised(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, ".terraform"))
	return err == nil && info.IsDir()
}
