package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// excuses holds the flags that say what keeps findings from counting, and the files
// that they name.
type excuses struct {
	wanted   bool   // the command judges
	waivers  string // --waivers
	baseline string // --baseline
	update   bool   // --update-baseline
	inputs   *inputs

	file    string // of waivers, that was read; "" is none
	granted []govern.Waiver
	known   *govern.Baseline // nil is none
}

// defaultWaivers is read when it is beside the configuration and nothing else is named.
const defaultWaivers = "waivers.yaml"

func (x *excuses) addFlags(cmd *cobra.Command) {
	x.wanted = true
	flags(cmd, "What does not count", func(f *pflag.FlagSet) {
		x.addWaiverFlag(f)
		f.StringVar(&x.baseline, "baseline", "", "`FILE` of findings that were known; only new ones count")
		f.BoolVar(&x.update, "update-baseline", false, "take out of the baseline what was looked at and is gone")
	})
}

func (x *excuses) addWaiverFlag(f *pflag.FlagSet) {
	f.StringVar(&x.waivers, "waivers", "", "`FILE` of waivers (default: waivers.yaml beside the configuration, if it is there)")
}

// read reads the files before anything is scanned. file is that of the configuration.
func (x *excuses) read(c config.Config, file string) error {
	if !x.wanted {
		return nil
	}
	if x.update && x.baseline == "" {
		return errors.New("--update-baseline needs --baseline FILE")
	}
	if err := checkTerms(c); err != nil {
		return err
	}
	if err := x.readWaivers(c, file); err != nil {
		return err
	}
	if x.baseline == "" {
		return nil
	}
	text, err := x.inputs.file(x.baseline)
	if err != nil {
		return fmt.Errorf("read the baseline: %w; `metsuke baseline write` writes one", err)
	}
	known, err := govern.ParseBaseline(text, x.baseline)
	if err != nil {
		return err
	}
	x.known = &known
	if x.update {
		if err := writable(x.baseline); err != nil {
			return fmt.Errorf("--update-baseline: %s cannot be written: %w", x.baseline, err)
		}
	}
	return nil
}

// readWaivers reads the file of the flag, of the configuration, or the default one.
func (x *excuses) readWaivers(c config.Config, file string) error {
	name, text, err := x.inputs.beside("waivers", x.waivers, c.Waivers.File, file, defaultWaivers)
	if err != nil || name == "" {
		return err
	}
	x.file = name
	x.granted, err = govern.ParseWaivers(text, name)
	return err
}

// checkTerms refuses values of the configuration that would mean something else than
// whoever wrote them thinks.
func checkTerms(c config.Config) error {
	if d := c.Waivers.MaxDays; d != nil && (*d < 1 || *d > 36500) {
		return fmt.Errorf("%s: waivers.max_days: it is 1 to 36500 days", c.At("waivers.max_days"))
	}
	var known []string
	for _, s := range govern.Strictnesses() {
		known = append(known, string(s))
	}
	if how := c.Waivers.Comments; how != "" && !slices.Contains(known, how) {
		return fmt.Errorf("%s: waivers.comments: %s is not one of %s%s", c.At("waivers.comments"), how, strings.Join(known, ", "), nearest.Hint(how, known))
	}
	return nil
}

// isPattern reports whether a key of the configuration stands for several policies.
func isPattern(id string) bool { return strings.ContainsAny(id, "*?") }

// checkStage refuses a day that is none, and a pattern that does not stand for policies
// or has parameters, which only one policy can declare.
func checkStage(e *engine.Engine, c config.Config, at, id string) error {
	o := c.Policies.Overrides[id]
	if o.WarnUntil != "" {
		if _, err := govern.ParseDay(o.WarnUntil); err != nil {
			return fmt.Errorf("%s: policies.overrides: warn_until: %w", c.At(at+".warn_until"), err)
		}
	}
	if !isPattern(id) {
		return nil
	}
	if len(o.Params) > 0 {
		return fmt.Errorf("%s: policies.overrides: %s is a pattern, and parameters are given to one policy by its id", c.At(at+".params"), id)
	}
	return known(c.At(at)+": policies.overrides:", []string{id}, policyNames(e))
}

// policyAliases are the ids of the policies with their former ones.
func policyAliases(e *engine.Engine) govern.Names {
	out := govern.Names{}
	for _, p := range e.Policies() {
		out[p.ID] = p.Aliases
	}
	return out
}

// terms are what waivers are held to.
func terms(e *engine.Engine, c config.Config, now time.Time) govern.Terms {
	t := govern.Terms{Now: now, Policies: policyAliases(e)}
	if d := c.Waivers.MaxDays; d != nil {
		t.MaxDays = int(*d)
	}
	return t
}

// rules are what excuses the findings of one run.
type rules struct {
	x       *excuses
	names   govern.Names
	waivers govern.Waivers
	rollout govern.Rollout
	watch   *govern.Watch // nil unless the baseline is to shrink
	digests map[string]string
}

// rules brings the files, the comments in the sources and the configuration together.
func (x *excuses) rules(e *engine.Engine, c config.Config, now time.Time, t target) (rules, error) {
	out := rules{x: x, names: policyAliases(e), digests: map[string]string{}}
	all := slices.Clone(x.granted)
	for _, prov := range t.providers {
		if commented, ok := prov.(interface {
			Comments(prefix string) []terraform.Comment
		}); ok {
			all = append(all, fromComments(commented.Comments(govern.CommentPrefix), c)...)
		}
	}
	if t.code != nil {
		all = append(all, fromComments(t.code.comments, c)...)
	}
	out.waivers = govern.NewWaivers(all, terms(e, c, now))
	var stages []govern.Stage
	for _, id := range sortedKeys(c.Policies.Overrides) {
		if until := c.Policies.Overrides[id].WarnUntil; until != "" {
			stages = append(stages, govern.Stage{Policies: id, Until: until})
		}
	}
	var err error
	if out.rollout, err = govern.NewRollout(stages, out.names, now); err != nil {
		return rules{}, err
	}
	if x.update {
		out.watch = govern.NewWatch(x.known.Subjects())
	}
	if len(all) > 0 {
		out.digests["waivers"] = digestOf(all)
	}
	if len(stages) > 0 {
		out.digests["rollout"] = digestOf(stages)
	}
	if x.known != nil {
		out.digests["baseline"] = digestOf(x.known.Known)
	}
	return out, nil
}

// fromComments makes waivers of comments as the configuration wants them taken.
func fromComments(comments []terraform.Comment, c config.Config) []govern.Waiver {
	var out []govern.Comment
	for _, one := range comments {
		out = append(out, govern.Comment{Text: one.Text, File: one.File, Line: one.Line, Address: one.Address, First: one.First, Last: one.Last})
	}
	return govern.FromComments(out, govern.Strictness(c.Waivers.Comments))
}

// digestOf identifies a value by its JSON.
func digestOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a mistake in this program: these values are texts
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// watcher is told what the run looks at, where that is to be known.
func (r rules) watcher() scan.Watcher {
	if r.watch == nil {
		return nil
	}
	return r.watch
}

// apply marks what does not count, and says in the notes what is to be known about the
// waivers. whole says that nothing was left out by flags.
func (r rules) apply(run *finding.Run, whole bool) {
	for name, digest := range r.digests {
		run.Digests[name] = digest
	}
	if len(r.rollout) > 0 {
		run.Findings = r.rollout.Warn(run.Findings)
	}
	if r.x.known != nil {
		run.Findings = r.x.known.Mark(run.Findings, r.names)
	}
	if r.waivers.Len() > 0 {
		var uses govern.Uses
		run.Findings, uses = r.waivers.Waive(run.Findings)
		run.Notes = append(run.Notes, govern.Notes(r.waivers.ReviewRun(*run, uses), whole && run.Mode != "gate" && !run.Interrupted)...)
	}
}

// shrink takes out of the baseline what the run looked at and is gone.
func (r rules) shrink(p *process, run finding.Run) error {
	if r.watch == nil {
		return nil
	}
	smaller, gone := r.x.known.Shrink(run, r.watch, r.names)
	if gone == 0 {
		p.say("%s stays as it is, with %s: nothing of it was looked at and is gone", r.x.baseline, counted(len(smaller.Known), "finding"))
		return nil
	}
	text, err := smaller.Text()
	if err != nil {
		return err
	}
	if err := replaceFile(r.x.baseline, text); err != nil {
		return err
	}
	p.say("%s is smaller: %s gone, %d left", r.x.baseline, counted(gone, "finding"), len(smaller.Known))
	return nil
}
