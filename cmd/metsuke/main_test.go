package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"metsuke": verifyingMain, "metsuke-sim": simulatedMain})
}

// TestScripts runs testdata/script. Nothing there reaches a network or a credential:
// there is a home directory of its own and every place where the SDKs look is closed.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, ".home")
			env.Setenv("HOME", home)
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			// A file that is not there ends the search for Google credentials before it
			// asks a metadata server.
			env.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(home, "none.json"))
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exitsWith},
	})
}

// exitsWith is `exits CODE COMMAND ARG...`: like exec, for one exit code.
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// simulatedMain is metsuke in front of the simulated estate instead of live accounts.
//
//	SIM_DENY       operations to refuse, patterns joined by commas
//	SIM_WITHOUT    providers without credentials
//	SIM_INTERRUPT  after so many calls the process gets an interrupt
func simulatedMain() {
	p := newProcess()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var faults demo.Faults
	if deny := os.Getenv("SIM_DENY"); deny != "" {
		faults.Deny = denied(strings.Split(deny, ",")...)
	}
	if n, err := strconv.Atoi(os.Getenv("SIM_INTERRUPT")); err == nil {
		var calls atomic.Int64
		faults.Observe = func(string) {
			if calls.Add(1) == int64(n) {
				self, err := os.FindProcess(os.Getpid())
				if err == nil {
					err = self.Signal(os.Interrupt)
				}
				if err != nil {
					panic(err)
				}
			}
			if calls.Load() >= int64(n) {
				<-ctx.Done()
			}
		}
	}
	sim, err := demo.New(faults)
	if err != nil {
		panic(err)
	}
	p.faults, p.now = faults, demo.Now
	p.live = simulatedLive(sim, faults, strings.Split(os.Getenv("SIM_WITHOUT"), ","))
	code := runMain(p)
	stop()
	os.Exit(code)
}

// denied refuses operations by pattern.
func denied(patterns ...string) func(string) bool {
	return func(operation string) bool {
		for _, p := range patterns {
			if ok, err := path.Match(strings.ReplaceAll(p, "/", ":"), strings.ReplaceAll(operation, "/", ":")); ok && err == nil {
				return true
			}
		}
		return false
	}
}

// simulatedLive puts the simulated clouds in the place of the live ones.
func simulatedLive(sim *demo.Estate, faults demo.Faults, without []string) []live {
	var out []live
	for _, l := range lives() {
		for _, prov := range sim.Providers {
			if prov.Describe().Name != l.name {
				continue
			}
			l.open = func(_ context.Context, _ *process, _ config.Config, sel selection) (providers.Provider, string, error) {
				for _, name := range without {
					if name == l.name {
						return nil, "", errors.New("no credentials: none are simulated")
					}
				}
				if len(sel.regions) > 0 && l.name == "aws" {
					return aws.New(aws.Config{
						Base:         awssim.Demo().Config(awssim.Accounts()[0], awssim.Regions()[1], awssim.Faults(faults)),
						Organization: &aws.Organization{}, Clock: demo.Now, Regions: sel.regions,
					}), "simulated credentials", nil
				}
				return prov, "simulated credentials", nil
			}
			out = append(out, l)
		}
	}
	return out
}
