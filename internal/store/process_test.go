//go:build unix

package store

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/store/storetest"
	"github.com/metsuke-dev/metsuke/providers"
)

var kills = flag.Int("kills", 20, "how often TestAProcessIsKilled kills one")

// TestMain lets the test binary be a process that a test starts.
func TestMain(m *testing.M) {
	flag.Parse()
	if place := os.Getenv("METSUKE_STORE_HELPER"); place != "" {
		rounds, _ := strconv.Atoi(os.Getenv("METSUKE_STORE_ROUNDS"))
		if err := helper(context.Background(), place, rounds); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	storetest.Stop()
	os.Exit(code)
}

// helper saves so many runs, and deletes old ones now and then. It says the id of each one
// that is saved.
func helper(ctx context.Context, place string, rounds int) error {
	s, err := Open(ctx, place, Options{})
	if err != nil {
		return err
	}
	fmt.Println("open")
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	for n := range rounds {
		if err := saveSomething(ctx, s, r); err != nil {
			return err
		}
		if n%3 == 2 {
			if _, err := s.Retain(ctx, Retention{Count: 1000, Inventories: 2}, day(0)); err != nil {
				return err
			}
		}
	}
	return s.Close()
}

func saveSomething(ctx context.Context, s *Store, r *rand.Rand) error {
	tracked, err := s.Tracked(ctx, "scan")
	if err != nil {
		return err
	}
	w := govern.NewWatch(Subjects(tracked))
	w.Read(providers.Cell{Scope: providers.Scope{Provider: "aws", ID: account}, Region: "eu-west-1", Type: "aws_s3_bucket"})
	run := runOf(0)
	for i := range 400 {
		if r.IntN(3) > 0 {
			f := bucket(fmt.Sprint("bucket-", i))
			f.Message = fmt.Sprint("message ", r.IntN(3))
			run.Findings = append(run.Findings, f)
		}
	}
	slices.SortFunc(run.Findings, finding.Compare)
	run.Tallies = []finding.Tally{{Owner: "shop", Counts: finding.Counts{Fail: r.IntN(100)}}}
	inventory := &io.LimitedReader{R: rand.NewChaCha8([32]byte{byte(r.IntN(256))}), N: 100_000}
	saved, err := s.Save(ctx, Record{Series: "scan", Run: run, Watch: w, Inventory: inventory, Digest: digestOf, Started: run.Time, Ended: run.Time})
	if err == nil {
		fmt.Println(saved.Run.ID)
	}
	return err
}

// startHelper starts the test binary as a helper.
func startHelper(t *testing.T, place string, rounds int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "METSUKE_STORE_HELPER="+place, "METSUKE_STORE_ROUNDS="+strconv.Itoa(rounds))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// TestAProcessIsKilled kills a process that migrates, saves and deletes, at random moments.
func TestAProcessIsKilled(t *testing.T) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	place, runs := "", 0
	for n := range *kills {
		if n%4 == 0 { // every fourth one has to make the schema first
			place, runs = newPlace(t), 0
		}
		cmd, lines := startHelper(t, place, 1000)
		if n%4 != 0 || r.IntN(2) == 0 {
			lines.Scan() // it is open
		}
		time.Sleep(time.Duration(r.Int64N(int64(200 * time.Millisecond))))
		_ = cmd.Process.Kill()
		said := 0
		for lines.Scan() {
			if lines.Text() != "open" {
				said++
			}
		}
		_ = cmd.Wait()
		s := openAt(t, place)
		// What the process told a server before it was killed may still be under way there.
		if err := s.write(t.Context(), "wait", func(tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		now := checkWhole(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if now < runs+said || now > runs+said+1 {
			t.Fatalf("there are %d runs after %d that were there and %d that were saved", now, runs, said)
		}
		runs = now
	}
}

func TestTwoProcessesSaveIntoOneStore(t *testing.T) {
	place := newPlace(t)
	var all []*exec.Cmd
	for range 2 {
		cmd, lines := startHelper(t, place, 12)
		all = append(all, cmd)
		go func() {
			for lines.Scan() {
			}
		}()
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if n := checkWhole(t, openAt(t, place)); n != 24 {
		t.Errorf("there are %d runs", n)
	}
}

func TestTwoProcessesMigrateAtOnce(t *testing.T) {
	for range 3 {
		place := newPlace(t)
		errs := make(chan error)
		for range 4 {
			go func() {
				s, err := Open(t.Context(), place, Options{})
				if err == nil {
					err = s.Close()
				}
				errs <- err
			}()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}
}
