package engine

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// IndexFile is the file, beside the shipped policies, that says what their METADATA
// says: with it a start does not parse policies of which no resource is there.
const IndexFile = "index.txt"

// indexVersion is of the text. It grows when the words change their meaning.
const indexVersion = "metsuke-index-1"

// libLine begins the line of a library, as policyLine does that of a policy.
const libLine = "lib"

// Index returns the index of the policies in fsys, for IndexFile: a line for each
// policy and each library.
func Index(fsys fs.FS) ([]byte, error) {
	e := &Engine{libs: map[string]*source{}, schemas: newSchemaSet()}
	if err := e.schemas.read(fsys, false); err != nil {
		return nil, err
	}
	for _, err := range e.read(Source{FS: fsys, Builtin: true}) {
		return nil, err
	}
	digest, err := digestOf(fsys)
	if err != nil {
		return nil, err
	}
	for _, p := range e.policies {
		if err := e.expandTypes(p); err != nil {
			return nil, err
		}
	}
	if err := e.indexReads(e.policies); err != nil {
		return nil, err
	}
	var lines []string
	line := func(word string, write func(*planText)) {
		t := &planText{out: &strings.Builder{}}
		if write(t); t.err != nil {
			err = cmp.Or(err, t.err)
		}
		lines = append(lines, word+" "+t.out.String())
	}
	for _, p := range e.policies {
		line(policyLine, p.indexText)
	}
	for _, l := range e.libs {
		line(libLine, l.indexText)
	}
	slices.Sort(lines)
	return []byte(indexVersion + " " + digest + "\n" + strings.Join(lines, "\n") + "\n"), err
}

// digestOf identifies the policies, libraries and schemas below a folder.
func digestOf(fsys fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !indexed(p) {
			return err
		}
		b, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d\n", p, len(b))
		h.Write(b)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func indexed(p string) bool {
	return path.Ext(p) == ".rego" && !strings.HasSuffix(p, "_test.rego") || strings.HasPrefix(p, "schemas/")
}

// readIndex takes policies and libraries from the index. It reports false when
// there is none of just these files. What is compiled into the program cannot be others:
// the tests of the policies hold their index to them.
func (e *Engine) readIndex(src Source) bool {
	fsys, text := src.FS, src.Index
	if text == "" {
		var err error
		if text, err = readText(fsys, IndexFile); err != nil {
			return false
		}
	}
	head, rest, _ := strings.Cut(text, "\n")
	digest, ok := strings.CutPrefix(head, indexVersion+" ")
	if !ok {
		return false
	}
	if _, compiledIn := fsys.(embed.FS); !compiledIn {
		if d, err := digestOf(fsys); err != nil || d != digest {
			return false
		}
	}
	policies, libs, err := parseIndex(rest)
	if err != nil {
		return false
	}
	for _, p := range policies {
		p.Builtin, p.from = true, fsys
	}
	for _, l := range libs {
		l.from = fsys
		e.libs[l.Package] = l
	}
	e.policies = append(e.policies, policies...)
	e.plans = readPlans(src, digest)
	return true
}

// parseIndex reads the lines of an index.
func parseIndex(text string) (policies []*Policy, libs []*source, err error) {
	for line := range strings.Lines(text) {
		t := &planText{in: strings.TrimSuffix(line, "\n")}
		switch word := t.next(); word {
		case policyLine:
			p := &Policy{}
			p.indexText(t)
			policies = append(policies, p)
		case libLine:
			l := &source{}
			l.indexText(t)
			libs = append(libs, l)
		default:
			t.fail("%q is no word of an index", word)
		}
		if t.err == nil && t.in != "" {
			t.fail("the index goes on after the end of %s", line)
		}
		if t.err != nil {
			return nil, nil, fmt.Errorf("%s: %w", IndexFile, t.err)
		}
	}
	return policies, libs, nil
}

// indexReads notes what the policies read.
func (e *Engine) indexReads(policies []*Policy) error {
	u, err := e.unit(policies)
	if err != nil {
		return err
	}
	for _, p := range policies {
		rs, err := readsOf(u.compiler, u.mods[p.File])
		if err != nil {
			return fmt.Errorf("%s: %w", p.File, err)
		}
		p.IndexedReads = [][]string{}
		for _, r := range rs {
			p.IndexedReads = append(p.IndexedReads, r.path)
		}
	}
	return nil
}
