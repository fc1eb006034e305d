package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers/snapshot"
)

func newVerify(p *process) *cobra.Command {
	var s setup
	var beside string
	cmd := &cobra.Command{
		Use:   "verify RUN",
		Short: "Judge a saved run again and compare the reports",
		Long: `Judge a saved run again, from what it read, by the policies of this metsuke and the
configuration, waivers and other files that were saved with it, as of the same time.
The reports have to be the same, byte for byte; where they are not, it is said what
differs first.

Terraform plans and states can hold secrets and are not saved. Of the states that a scan
goes by (--state), what identifies resources is; of what a gate judges, the resources as
policies see them, before and after the change, and what else the plan says of them. A
gate --against is verified beside the same inventory, which the run does not hold either:
the file that was given then, or that of --against.

A run whose inventory was not kept cannot be judged again.`,
		Example: `  metsuke verify latest
  metsuke verify 20260701-020000
  metsuke verify latest --against estate.ndjson.gz`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withStore(p, mustExist, func(ctx context.Context, st *store.Store, _ storePlace) error {
				return verify(ctx, p, st, args[0], beside)
			})(cmd, args)
		},
	}
	exits(cmd, "0  the reports are the same", "1  they differ, or the saved one is not what was saved",
		"2  the run cannot be judged again, or a usage error")
	flags(cmd, "Plan", func(f *pflag.FlagSet) {
		f.StringVar(&beside, "against", "", "the inventory beside which the plan of a gate was judged, where it is not where it was: a `FILE`, also .gz")
	})
	s.addStoreFlags(cmd)
	s.completeRuns(p, cmd, 1)
	return cmd
}

func verify(ctx context.Context, p *process, st *store.Store, ref, beside string) error {
	info, err := st.Resolve(ctx, ref)
	if err != nil {
		return err
	}
	saved, err := st.Run(ctx, info.ID)
	if err != nil {
		return err
	}
	digest, err := digestOfReport(saved)
	if err != nil {
		return err
	}
	if digest != info.ReportDigest {
		return differs(p, info, "the saved report is not the one that was saved: its digest is "+digest+" and was "+info.ReportDigest)
	}
	again, err := recompute(ctx, p, st, info, beside)
	if err != nil {
		return fmt.Errorf("verify %s: %w", info.ID, err)
	}
	if digest, err = digestOfReport(again); err != nil {
		return err
	}
	if digest != info.ReportDigest {
		return differs(p, info, firstDifference(withoutHistory(saved), again))
	}
	_, err = fmt.Fprintf(p.stdout, "The run %s is verified: judged again, it gives the same report, byte for byte.\nSHA-256 %s\n", info.ID, digest)
	return err
}

// differs reports that a run does not verify.
func differs(p *process, info store.RunInfo, why string) error {
	if _, err := fmt.Fprintf(p.stdout, "The run %s does not verify: %s.\n", info.ID, why); err != nil {
		return err
	}
	if info.Version != version() {
		p.say("metsuke %s judged the run, this is %s", info.Version, version())
	}
	return exitCode(exitFindings)
}

// recompute judges a saved run again. beside is the file of the inventory beside which its
// plan was judged, "" where that is where it was.
func recompute(ctx context.Context, p *process, st *store.Store, info store.RunInfo, beside string) (run finding.Run, err error) {
	texts, err := st.Inputs(ctx, info.ID)
	if err != nil {
		return run, err
	}
	s, call, err := setupOf(texts)
	if err != nil {
		return run, err
	}
	switch {
	case !info.HasInventory:
		return run, errors.New("what it read was not kept, or has been taken away since (store.keep.inventories)")
	case beside != "" && call.Against == nil:
		return run, errors.New("--against: the run is no gate that was judged beside an inventory")
	}
	inv, done, err := unpackInventory(ctx, p, st, info.ID)
	if err != nil {
		return run, err
	}
	defer func() { err = errors.Join(err, done()) }()
	var e *engine.Engine
	if e, err = s.reload(); err != nil {
		return run, fmt.Errorf("what was saved with the run does not load any more: %w", err)
	}
	s.now = info.Time.Format(time.RFC3339Nano)
	t := target{mode: info.Mode, regions: inv.Regions(), notes: call.Notes, told: call.Told, version: info.Version}
	if t.code, err = codeOf(texts); err != nil {
		return run, err
	}
	for _, prov := range inv.Providers() {
		if call.Plan {
			if prov, err = planOf(texts, prov); err != nil {
				return run, err
			}
		}
		if pick(s.sel.providers, prov.Describe().Name) {
			t.providers = append(t.providers, prov)
		}
	}
	if call.Against != nil {
		if t.against, err = call.Against.open(p, beside); err != nil {
			return run, err
		}
	}
	for _, status := range inv.Statuses() {
		t.statuses = append(t.statuses, finding.ProviderStatus{Name: status.Name, Used: status.Used, Detail: status.Detail})
	}
	quiet := *p // what there was to say was said then
	quiet.stderr, quiet.stderrTerminal = io.Discard, false
	_, run, _, err = s.run(ctx, &quiet, e, t, &keeper{p: &quiet, s: s, t: t})
	run.Interrupted = run.Interrupted || inv.Interrupted()
	return run, err
}

// setupOf returns what a run was judged by.
func setupOf(texts []store.Input) (*setup, recorded, error) {
	var call recorded
	s := &setup{inputs: inputs{only: true}}
	found := false
	for _, in := range texts {
		if name, ok := strings.CutPrefix(in.Name, inputFile); ok {
			s.inputs.keep(name, in.Text)
		}
		if in.Name == inputCall {
			found = true
			if err := json.Unmarshal(in.Text, &call); err != nil {
				return nil, call, fmt.Errorf("how it was called: %w", err)
			}
		}
	}
	if !found {
		return nil, call, errors.New("how it was called was not saved")
	}
	s.file, s.dirs, s.params, s.sel = call.Config, call.Dirs, call.Params, call.Selection.selection()
	s.excuses = excuses{wanted: true, waivers: call.Waivers, baseline: call.Baseline}
	s.owners = ownerFile{wanted: true, flag: call.Owners}
	s.tags = tagFile{wanted: true, flag: call.Tags}
	return s, call, nil
}

// reload loads the configuration and the policies that were saved with a run.
func (s *setup) reload() (*engine.Engine, error) {
	text, err := s.inputs.file(s.file)
	if err == nil {
		s.config, err = config.Parse(text, s.file)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	srcs := []engine.Source{builtin()}
	for _, dir := range s.policyDirs() {
		files := fstest.MapFS{}
		for _, name := range s.inputs.names() {
			if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
				files[filepath.ToSlash(rel)] = &fstest.MapFile{Data: s.inputs.texts[name]}
			}
		}
		srcs = append(srcs, engine.Source{Name: dir, FS: files})
	}
	e, err := engine.Load(srcs...)
	if err != nil {
		return nil, err
	}
	return e, s.configure(e)
}

// unpackInventory writes the inventory of a run to a file and opens it. done closes and
// removes it.
func unpackInventory(ctx context.Context, p *process, st *store.Store, id string) (inv *snapshot.Snapshot, done func() error, err error) {
	lines, err := st.Inventory(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	f, err := os.CreateTemp("", "metsuke-inventory-*")
	if err != nil {
		return nil, nil, err
	}
	done = func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	size, err := io.Copy(f, lines)
	if err == nil {
		inv, err = snapshot.Open(f, size, snapshotOptions(p, "the inventory of "+id))
	}
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return inv, done, nil
}
