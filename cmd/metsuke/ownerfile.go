package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
)

// ownerFile is the file that says whose resources are, or the tags that do without one.
type ownerFile struct {
	wanted bool   // the command tells owners
	flag   string // --owners
	inputs *inputs

	told   bool           // the file, or owner_tags, says whose things are
	file   string         // that was read; "" is none
	owners *govern.Owners // nil until read
	digest string         // of the file and those that it names
}

// defaultOwners is read when it is beside the configuration and nothing else is named.
const defaultOwners = "owners.yaml"

// defaultOwnerTags name a resource's owner when nothing else says how.
func defaultOwnerTags() []string { return []string{"owner", "team"} }

func (x *ownerFile) addFlag(cmd *cobra.Command) {
	x.wanted = true
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.StringVar(&x.flag, "owners", "", "`FILE` that says whose resources are (default: owners.yaml beside the configuration, if it is there)")
	})
}

// read reads the file of the flag, of the configuration, or the default one. config is
// the file of the configuration.
func (x *ownerFile) read(c config.Config, configFile string) error {
	tags := c.OwnerTags
	if len(tags) == 0 {
		tags = defaultOwnerTags()
	}
	x.owners, x.told = govern.OwnersByTags(tags), len(c.OwnerTags) > 0
	if !x.wanted {
		return nil
	}
	name, text, err := x.inputs.beside("owners", x.flag, c.Owners.File, configFile, defaultOwners)
	if err != nil || name == "" {
		return err
	}
	if len(c.OwnerTags) > 0 {
		return fmt.Errorf("%s: owner_tags: %s says whose resources are; make it a rule there: - tag: %v", c.At("owner_tags"), name, c.OwnerTags)
	}
	sum := sha256.New()
	addText(sum, text)
	x.owners, err = govern.ParseOwners(text, name, func(file string) ([]byte, error) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(name), filepath.FromSlash(file))
		}
		more, err := x.inputs.file(file)
		addText(sum, more)
		return more, err
	})
	if err != nil {
		return err
	}
	x.told, x.file, x.digest = true, name, hex.EncodeToString(sum.Sum(nil))
	return nil
}

// addText adds a text to a digest, and where it ends.
func addText(h hash.Hash, text []byte) {
	fmt.Fprintf(h, "%d\n", len(text))
	h.Write(text)
}

// of says whose a resource is.
func (x *ownerFile) of(r providers.Resource, by *finding.ManagedBy) finding.Ownership {
	return x.owners.Of(r, by)
}

// wantTags reports whether tags are asked for everywhere, also where that takes further
// calls, because the file makes them decide.
func (x *ownerFile) wantTags() bool { return x.file != "" && x.owners.NeedsTags() }

// wants returns the attributes besides the tags that the rules look at.
func (x *ownerFile) wants() []providers.Want { return x.owners.Wants() }

// prepare makes the providers say where in its organisation everything is, and which tags
// accounts have, if a rule looks at that, and by which tags bills are split, where they are
// read. It is called before they list their scopes.
func (x *ownerFile) prepare(ps []providers.Provider) {
	if x.owners.NeedsAccountTags() {
		readHolderTags(ps)
	}
	for _, prov := range ps {
		if h, ok := prov.(interface{ ReadHierarchy() }); ok && x.owners.NeedsHierarchy() {
			h.ReadHierarchy()
		}
		if b, ok := prov.(interface{ SplitBills(keys []string) }); ok {
			b.SplitBills(x.owners.TagKeys())
		}
	}
}

// extend adds to what is wanted of a provider what the rules look at, as a scan does.
func (x *ownerFile) extend(d providers.Description, want []providers.Want) []providers.Want {
	want = providers.Also(want, x.wants())
	if !x.wantTags() {
		return want
	}
	return withTags(want, func(t providers.Type) bool {
		ti, _ := d.Type(t)
		return slices.Contains(ti.AllAttributes(), "tags")
	})
}

// listing adds to what an inventory wants of a provider what the rules look at, so that
// it can say whose everything is.
func (x *ownerFile) listing(p providers.Provider, want []providers.Want) []providers.Want {
	if !x.told {
		return want
	}
	want = providers.Also(want, x.wants())
	if x.owners.NeedsTags() {
		want = withTags(want, func(t providers.Type) bool { return scan.HasTags(p, t) })
	}
	return want
}

// withTags adds the tags of the types that have some.
func withTags(want []providers.Want, tagged func(providers.Type) bool) []providers.Want {
	var tags []providers.Want
	for _, w := range want {
		if tagged(w.Type) {
			tags = append(tags, providers.Want{Type: w.Type, Attributes: []string{"tags"}})
		}
	}
	return providers.Also(want, tags)
}

// permissions returns what it takes to say where in its organisation everything is, and
// which tags accounts have, if a rule looks at that. Google Cloud tells it with what is read anyway.
func (x *ownerFile) permissions(d providers.Description) []string {
	if d.Name != "aws" {
		return nil
	}
	var out []string
	if x.owners.NeedsAccountTags() {
		out = append(out, aws.HolderTagsCall().Permissions...)
	}
	if !x.owners.NeedsUnits() {
		return out
	}
	for _, c := range aws.HierarchyCalls() {
		out = append(out, c.Permissions...)
	}
	return out
}

// aboutAccount reports whether a gap is of what is asked about accounts when they are
// listed, their tags and units: with the credentials that were given, and not with those
// of each account.
func aboutAccount(g providers.Gap) bool {
	return g.Type == "" && (g.Path == "inherited_tags" || g.Path == "organizational_unit")
}

// needs reports whether a gap makes owners unknown.
func (x *ownerFile) needs(g providers.Gap) bool {
	if g.Type == "" {
		// Of the account itself: its tags, or its unit.
		return g.Path == "inherited_tags" && x.owners.NeedsAccountTags() || g.Path == "organizational_unit" && x.owners.NeedsUnits()
	}
	paths := strings.Split(g.Path, ",")
	if x.wantTags() && slices.Contains(paths, "tags") {
		return true
	}
	w, ok := providers.Find(x.wants(), g.Type)
	return ok && slices.ContainsFunc(paths, func(p string) bool { return slices.Contains(w.Attributes, p) })
}

// reads says what is read for the rules besides tags, for comparing runs; "" is nothing.
func (x *ownerFile) reads() string {
	var out []string
	for _, w := range x.wants() {
		out = append(out, string(w.Type)+": "+strings.Join(w.Attributes, ", "))
	}
	if x.owners.NeedsHierarchy() {
		out = append(out, "units, folders and projects")
	}
	if x.owners.NeedsAccountTags() {
		out = append(out, "tags of accounts")
	}
	return strings.Join(out, "; ")
}

// sign adds the digest of the file.
func (x *ownerFile) sign(digests map[string]string) {
	if x.digest != "" {
		digests["owners"] = x.digest
	}
}

// notes tells the readers of a run which rules can never match.
func (x *ownerFile) notes() []string { return govern.OwnerNotes(x.owners.Check()) }
