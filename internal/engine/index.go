package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// IndexFile is the file, beside the shipped policies, that says what their METADATA
// says: with it a start does not parse policies of which no resource is there.
const IndexFile = "index.json"

// index is the content of IndexFile.
type index struct {
	// Digest is of every policy, library and schema. An index of other files is not
	// used: the policies are then read in full.
	Digest   string    `json:"digest"`
	Policies []*Policy `json:"policies"`
	Libs     []*source `json:"libs"`
}

// Index returns the index of the policies in fsys, for IndexFile.
func Index(fsys fs.FS) ([]byte, error) {
	e := &Engine{libs: map[string]*source{}, schemas: newSchemaSet()}
	if err := e.schemas.read(fsys, false); err != nil {
		return nil, err
	}
	for _, err := range e.read(Source{FS: fsys, Builtin: true}) {
		return nil, err
	}
	var x index
	var err error
	if x.Digest, err = digestOf(fsys); err != nil {
		return nil, err
	}
	for _, p := range e.policies {
		if err := e.expandTypes(p); err != nil {
			return nil, err
		}
		x.Policies = append(x.Policies, p)
	}
	for _, l := range e.libs {
		x.Libs = append(x.Libs, l)
	}
	sortSources(x)
	if err := e.indexReads(x.Policies); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(x, "", " ")
	return append(b, '\n'), err
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
// there is none of just these files.
func (e *Engine) readIndex(fsys fs.FS) bool {
	b, err := fs.ReadFile(fsys, IndexFile)
	if err != nil {
		return false
	}
	var x index
	if err := json.Unmarshal(b, &x); err != nil {
		return false
	}
	d, err := digestOf(fsys)
	if err != nil || d != x.Digest {
		return false
	}
	text := func(s *source) bool {
		b, err := fs.ReadFile(fsys, s.File)
		s.text = string(b)
		return err == nil
	}
	for _, p := range x.Policies {
		if !text(&p.source) {
			return false
		}
		p.Builtin = true
	}
	for _, l := range x.Libs {
		if !text(l) {
			return false
		}
	}
	e.plans = readPlans(fsys, d)
	e.policies = append(e.policies, x.Policies...)
	for _, l := range x.Libs {
		e.libs[l.Package] = l
	}
	return true
}

func sortSources(x index) {
	slices.SortFunc(x.Policies, func(a, b *Policy) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(x.Libs, func(a, b *source) int { return strings.Compare(a.Package, b.Package) })
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
