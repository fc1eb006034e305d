//go:build unix

package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store/storetest"
)

// openURL connects without migrating.
func openURL(t testing.TB, place string) *Store {
	t.Helper()
	s, err := connectPostgres(place, Options{Attempts: 5, Pause: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOnPostgreSQL runs the tests of what a store does once more, on PostgreSQL.
func TestOnPostgreSQL(t *testing.T) {
	s := storetest.Postgres(t)
	was := newPlace
	t.Cleanup(func() { newPlace = was })
	newPlace = s.NewSchema
	for _, test := range []func(*testing.T){
		TestARunComesBackAsItWasSaved, TestRunsAreListedNewestFirst, TestARunIsMeantByIdBeginningOrAge, TestInputsAndInventoryComeBack,
		TestTheDigestIsOfTheRunAsItIsSaved, TestACancelledSaveLeavesNothing, TestTheLifeOfAFinding, TestWhatTheRunWasNotAskedForKeepsItsStatus,
		TestTheFailuresOfARetiredPolicyAreNotVisibleUntilTheirResourceIsGone, TestARenamedPolicyKeepsTheHistoryOfItsFailures,
		TestARunThatIsOlderThanTheLastMovesNoLife, TestARunOfOtherProvidersMakesNoneLate, TestARunIsLateAlsoWhenTheOneThatIsNewerWasDeleted,
		TestWhatAnotherProcessSavedMeanwhileIsLeftAlone, TestNothingIsFixedOrGoneThatIsThere, TestALifeHasStages,
		TestTalliesAreThoseOfTheRuns, TestWhatChangedBetweenAnyTwoRunsIsWhatTheLivesSay, TestTheStoreSaysWhatItsTextSays, TestWhatIsCountedForScorecardsIsWhatRunsAndLivesSay,
		TestRunsOfBeforeAreCountedAndTheNextRunFillsInWhatTheyLack, TestBillsAreThoseOfTheRuns, TestBillsThatWereKeptInTheHeadOfARunAreRead,
		TestFailuresAreCountedByTheTimeSinceTheyWereFoundFirstOrAgain, TestDeletingRunsLeavesTheOthersAsTheyWere, TestNothingIsLeftOfWhatNoRunSays, TestRetentionGoesByAgeAndByCount,
		TestALeaseHasOneHolder, TestALeaseThatEndedIsFree, TestALeaseIsTakenAgainByTheTryWhoseAnswerWasLost, TestADatabaseOfANewerMetsukeIsRefusedAndLeftAsItIs,
		TestADatabaseOfSomethingElseIsRefused, TestAStoreThatANewerMetsukeMigratedMeanwhileIsNotWritten, TestSchema1IsBroughtUpToDate, TestAProcessIsKilled, TestTwoProcessesSaveIntoOneStore, TestTwoProcessesMigrateAtOnce,
		TestTheMessagesOfARunArePutOnceAndTakenInTheirOrder, TestAMessageThatNobodyReportsBackOnIsTakenAgain, TestAMessageIsPutOffSentOrGivenUpAndThatCanBeLookedAt,
		TestOldMessagesAreForgottenAndWaitingOnesAreNot, TestATopicIsRememberedByChannel, TestWhatIsDueIsClaimedOnceAndInOrder, TestALeaseOfAClockThatWasDaysAheadIsFree,
		TestAClaimOfAClockThatWasYearsAheadIsForgotten, TestAClockThatIsPutBackByHoursMakesNoScanTwice,
		TestAMessageWaitsForEarlierOnesToTheSameReceiver, TestAMessageWaitsSinceItWasPut, TestRunsThatNobodyWasToldOfAreThoseAfterTheLastOneThatWasTold,
		TestDueAreTheChannelsOfWhatMayBeSentNow, TestAChannelThatRestsHasNothingDueAndLosesNoTry, TestWhatAPlaceWasToldLastIsKnownUntilItsMessageIsGivenUp,
		TestWhatALaterMessageToldIsNotToldAgainByAnEarlierOne, TestWhatEndedIsForgottenWithItsMessage, TestAWaiverThatEndedIsKnownOfTheRunThatFoundItSo,
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
	s := storetest.Postgres(t)
	db := openURL(t, s.URL.String())
	defer func() { _ = db.Close() }()
	u := *s.URL
	u.User = url.UserPassword("nobody-known", "tr0ub4dor")
	_, err := Open(t.Context(), u.String(), Options{Attempts: 1})
	var wanted *Error
	if !errors.As(err, &wanted) || wanted.Kind != ErrUnreachable || bytes.Contains([]byte(err.Error()), []byte("tr0ub4dor")) {
		t.Errorf("it says %v", err)
	}
}

func TestARoleThatMayNotWriteAndASchemaThatIsNotThereAreSaid(t *testing.T) {
	server := storetest.Postgres(t)
	place := server.NewSchema(t)
	s := openAt(t, place)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	u, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	role := "reader_" + q.Get("search_path")
	run(t, s, "CREATE ROLE "+role+" LOGIN", "GRANT USAGE ON SCHEMA "+q.Get("search_path")+" TO "+role, "GRANT SELECT ON ALL TABLES IN SCHEMA "+q.Get("search_path")+" TO "+role)
	t.Cleanup(func() {
		_, _ = s.db.ExecContext(context.Background(), "DROP OWNED BY "+role)
		_, _ = s.db.ExecContext(context.Background(), "DROP ROLE "+role)
	})
	u.User = url.User(role)
	reader := openAt(t, u.String())
	if got := listed(t, reader); len(got) != 1 {
		t.Errorf("it reads %v", got)
	}
	err = reader.Delete(t.Context(), listed(t, reader)...)
	if !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "the role has to own the tables") {
		t.Errorf("to a deletion it says %v", err)
	}
	q.Set("search_path", "nowhere")
	u.RawQuery = q.Encode()
	if _, err = Open(t.Context(), u.String(), Options{Attempts: 1}); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), "make one with CREATE SCHEMA") {
		t.Errorf("of a schema that is not there it says %v", err)
	}
}

func TestASaveIsTriedAgainWhenTheConnectionIsLost(t *testing.T) {
	server := storetest.Postgres(t)
	s := openAt(t, server.NewSchema(t))
	other := openURL(t, server.URL.String())
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
