//go:build unix

package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// server is a PostgreSQL server of these tests, or one that METSUKE_TEST_POSTGRES names.
type server struct {
	url     *url.URL // of the database to begin with
	missing string   // why there is none
	dir     string
	process *exec.Cmd
}

var (
	theServer = sync.OnceValues(startServer)
	started   atomic.Pointer[server]
	schemas   atomic.Int64
)

// postgresServer returns the server of these tests. Where none is found the test is
// skipped, and says what is missing.
func postgresServer(t testing.TB) *server {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatal(err)
	}
	if s.missing != "" {
		t.Skip(s.missing)
	}
	return s
}

// newSchema makes an empty schema, which takes less than a database, and returns the URL
// of a store in it.
func (s *server) newSchema(t testing.TB) string {
	t.Helper()
	db := openURL(t, s.url.String())
	name := fmt.Sprintf("metsuke_test_%d_%d", os.Getpid(), schemas.Add(1))
	if _, err := db.db.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.db.Exec("DROP SCHEMA " + name + " CASCADE")
		_ = db.Close()
	})
	u := *s.url
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// openURL connects without migrating.
func openURL(t testing.TB, place string) *Store {
	t.Helper()
	s, err := connectPostgres(place, Options{Attempts: 5, Pause: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// binary finds a program of PostgreSQL: Debian keeps them apart, by version.
func binary(name string) string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1]
	}
	path, _ := exec.LookPath(name)
	return path
}

// startServer starts a server on a socket in a temporary directory. It runs as somebody
// without rights where the tests run as root, which it refuses.
func startServer() (*server, error) {
	if place := os.Getenv("METSUKE_TEST_POSTGRES"); place != "" {
		u, err := url.Parse(place)
		return &server{url: u}, err
	}
	initdb, postgres := binary("initdb"), binary("postgres")
	if initdb == "" || postgres == "" {
		return &server{missing: "no PostgreSQL here: initdb and postgres are neither in /usr/lib/postgresql nor in PATH; install it (Debian: apt-get install postgresql) or name a server in METSUKE_TEST_POSTGRES"}, nil
	}
	dir, err := os.MkdirTemp("", "metsuke-pg")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, url: &url.URL{Scheme: "postgres", User: url.User("tester"), Path: "/postgres", RawQuery: "host=" + url.QueryEscape(dir)}}
	started.Store(s)
	attributes, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	make := exec.Command(initdb, "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
	make.SysProcAttr, make.Dir = attributes, dir
	if out, err := make.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", initdb, err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	s.process = exec.Command(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=50")
	s.process.SysProcAttr, s.process.Dir, s.process.Stdout, s.process.Stderr = attributes, dir, log, log
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	return s, s.wait(filepath.Join(dir, "log"))
}

// wait waits until the server answers.
func (s *server) wait(log string) error {
	db, err := connectPostgres(s.url.String(), Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for range 300 {
		if err = db.db.Ping(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	text, _ := os.ReadFile(log)
	return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, text)
}

// unprivileged gives the directory to somebody without rights and returns how to run a
// program as them; nil where the tests themselves are.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(who.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(who.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

// stopServer ends the server if these tests have started one.
func stopServer() {
	s := started.Load()
	if s == nil {
		return
	}
	if s.process != nil && s.process.Process != nil {
		_ = s.process.Process.Signal(syscall.SIGINT) // the fast shutdown
		_ = s.process.Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// TestOnPostgreSQL runs the tests of what a store does once more, on PostgreSQL.
func TestOnPostgreSQL(t *testing.T) {
	s := postgresServer(t)
	was := newPlace
	t.Cleanup(func() { newPlace = was })
	newPlace = s.newSchema
	for _, test := range []func(*testing.T){
		TestARunComesBackAsItWasSaved, TestRunsAreListedNewestFirst, TestARunIsMeantByIdBeginningOrAge, TestInputsAndInventoryComeBack,
		TestTheDigestIsOfTheRunAsItIsSaved, TestACancelledSaveLeavesNothing, TestTheLifeOfAFinding, TestWhatTheRunWasNotAskedForKeepsItsStatus,
		TestTheFailuresOfARetiredPolicyAreNotVisibleUntilTheirResourceIsGone, TestARenamedPolicyKeepsTheHistoryOfItsFailures,
		TestARunThatIsOlderThanTheLastMovesNoLife, TestARunOfOtherProvidersMakesNoneLate, TestARunIsLateAlsoWhenTheOneThatIsNewerWasDeleted,
		TestWhatAnotherProcessSavedMeanwhileIsLeftAlone, TestNothingIsFixedOrGoneThatIsThere, TestALifeHasStages,
		TestTalliesAreThoseOfTheRuns, TestWhatChangedBetweenAnyTwoRunsIsWhatTheLivesSay, TestWhatIsCountedForScorecardsIsWhatRunsAndLivesSay,
		TestRunsOfBeforeAreCountedAndTheNextRunFillsInWhatTheyLack,
		TestFailuresAreCountedByTheTimeSinceTheyWereFoundFirstOrAgain, TestDeletingRunsLeavesTheOthersAsTheyWere, TestNothingIsLeftOfWhatNoRunSays, TestRetentionGoesByAgeAndByCount,
		TestWhatEndedLongAgoIsForgotten, TestALeaseHasOneHolder, TestALeaseThatEndedIsFree, TestADatabaseOfANewerMetsukeIsRefusedAndLeftAsItIs,
		TestADatabaseOfSomethingElseIsRefused, TestSchema1IsBroughtUpToDate, TestTwoProcessesSaveIntoOneStore, TestTwoProcessesMigrateAtOnce,
		TestTheMessagesOfARunArePutOnceAndTakenInTheirOrder, TestAMessageThatNobodyReportsBackOnIsTakenAgain, TestAMessageIsPutOffSentOrGivenUpAndThatCanBeLookedAt,
		TestOldMessagesAreForgottenAndWaitingOnesAreNot, TestATopicIsRememberedByChannel, TestWhatIsDueIsClaimedOnceAndInOrder,
		TestAMessageWaitsForEarlierOnesToTheSameReceiver, TestAMessageWaitsSinceItWasPut, TestRunsThatNobodyWasToldOfAreThoseAfterTheLastOneThatWasTold,
	} {
		name := runtime.FuncForPC(reflect.ValueOf(test).Pointer()).Name()
		t.Run(strings.TrimPrefix(name[strings.LastIndex(name, ".")+1:], "Test"), test)
	}
}

func TestAnUnreachableServerIsSaidWithoutItsPassword(t *testing.T) {
	for _, place := range []string{
		"postgres://ada:tr0ub4dor@127.0.0.1:1/metsuke", "postgres://127.0.0.1:1/metsuke?user=ada&password=tr0ub4dor", "postgres://ada:tr0ub4dor@127.0.0.1:port/metsuke",
		"postgres://ada:tr0ub4dor@%zz/metsuke", "postgresql://ada:tr0ub4dor@127.0.0.1:1/metsuke?sslmode=perhaps",
	} {
		_, err := Open(t.Context(), place, Options{Attempts: 3, Pause: time.Microsecond})
		if err == nil || strings.Contains(err.Error(), "tr0ub4dor") {
			t.Errorf("%s: %v", place, err)
			continue
		}
		var wanted *Error
		if !errors.As(err, &wanted) || wanted.Kind != ErrUnreachable || wanted.Advice == "" {
			t.Errorf("%s: %v", place, err)
		}
	}
	_, err := Open(t.Context(), "postgres://ada:tr0ub4dor@127.0.0.1:1/metsuke", Options{Attempts: 3, Pause: time.Microsecond})
	want := "postgres://ada@127.0.0.1:1/metsuke: the database cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused (tried 3 times); is the server up, and are host, user, password, database and schema right?"
	if err == nil || err.Error() != want {
		t.Errorf("it says %v\nwant %s", err, want)
	}
}

func TestAWrongPasswordIsNotSaid(t *testing.T) {
	s := postgresServer(t)
	db := openURL(t, s.url.String())
	defer func() { _ = db.Close() }()
	u := *s.url
	u.User = url.UserPassword("nobody-known", "tr0ub4dor")
	_, err := Open(t.Context(), u.String(), Options{Attempts: 1})
	var wanted *Error
	if !errors.As(err, &wanted) || wanted.Kind != ErrUnreachable || bytes.Contains([]byte(err.Error()), []byte("tr0ub4dor")) {
		t.Errorf("it says %v", err)
	}
}

func TestASaveIsTriedAgainWhenTheConnectionIsLost(t *testing.T) {
	server := postgresServer(t)
	s := openAt(t, server.newSchema(t))
	other := openURL(t, server.url.String())
	defer func() { _ = other.Close() }()
	rec := scan{run: runOf(0, bucket("a"))}.record(t, s)
	rec.Inventory = strings.NewReader("it can be read once\n")
	tries := 0
	rec.Digest = func(finding.Run) (string, error) {
		if tries++; tries == 1 {
			_, err := other.db.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()`)
			return "", err
		}
		return "of the second try", nil
	}
	saved := save(t, s, rec)
	if tries != 2 || saved.Run.ReportDigest != "of the second try" {
		t.Errorf("after %d tries it is %+v", tries, saved.Run)
	}
	if got := listed(t, s); !slices.Equal(got, []string{saved.Run.ID}) {
		t.Errorf("there are %v", got)
	}
	r, err := s.Inventory(t.Context(), saved.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if text, err := io.ReadAll(r); err != nil || string(text) != "it can be read once\n" {
		t.Errorf("the inventory is %q, %v", text, err)
	}
}
