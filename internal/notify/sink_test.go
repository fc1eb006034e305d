package notify

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// shown is what a sink is told, in lines.
func shown(list []sighting) []string {
	var out []string
	for _, s := range list {
		state := "closed"
		if s.Active {
			state = "active"
		}
		out = append(out, s.Resource.Name+" "+state)
	}
	return out
}

func TestASinkIsToldWhatChangedAndNowAndThenWhatDidNot(t *testing.T) {
	told := map[string]string{}
	// tell is what it is told of these failures, and remembers it.
	tell := func(at time.Time, alive []finding.Finding, since finding.Since) map[string]bool {
		n := state(false, alive, since)
		n.Run.Time, n.Told = at, map[string]map[string]string{"hub": told}
		list := sightings(n, "hub", "aws", finding.Medium)
		for name, says := range tells(list) {
			if told[name] = says; says == "" {
				delete(told, name)
			}
		}
		out := map[string]bool{}
		for _, l := range shown(list) {
			out[l] = true
		}
		return out
	}
	expect := func(when string, got map[string]bool, want ...string) {
		t.Helper()
		lines := map[string]bool{}
		for _, l := range want {
			lines[l] = true
		}
		if diff := cmp.Diff(lines, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	of := func(name string, s finding.Status) finding.Finding {
		return failure("shop", name, finding.High, s, now)
	}
	waived := of("waived", finding.StatusWaived)
	waived.Waiver = &finding.Waiver{Reason: "a website"}
	google, small := of("google", finding.StatusNew), of("small", finding.StatusNew)
	google.Resource.Provider, small.Severity = "gcp", finding.Low
	alive := []finding.Finding{of("new", finding.StatusNew), of("back", finding.StatusReopened), of("old", finding.StatusOpen), of("dark", finding.StatusNotVisible), waived, google, small}
	since := finding.Since{Fixed: []finding.Finding{of("mended", finding.StatusFixed)}, Gone: []finding.Finding{of("deleted", finding.StatusGone)}, NotVisible: alive[3:4]}
	expect("at first", tell(now, alive, since), "new active", "back active", "old active", "waived closed", "mended closed", "deleted closed")
	expect("when nothing changed", tell(now.AddDate(0, 0, 1), alive, finding.Since{}))
	alive[0].History.Status, alive[0].Message = finding.StatusOpen, "for 2 days"
	expect("when a finding is not new any more", tell(now.AddDate(0, 0, 1), alive, finding.Since{}))
	unknown := slices.Clone(alive)
	for i := range unknown {
		unknown[i].Owner, unknown[i].OwnerUnknown = "", providers.Denied
	}
	expect("when nobody can tell the owner", tell(now.AddDate(0, 0, 1), unknown, finding.Since{}))
	alive[4].Waiver, alive[4].History = nil, &finding.History{Status: finding.StatusOpen, FirstSeen: now}
	expect("when a waiver is over", tell(now.AddDate(0, 0, 2), alive, finding.Since{}), "waived active")
	expect("when it is fixed", tell(now.AddDate(0, 0, 3), alive[:4], finding.Since{Fixed: []finding.Finding{alive[4]}}), "waived closed")
	expect("when it fails again", tell(now.AddDate(0, 0, 4), alive[:5], finding.Since{}), "waived active")
	expect("after a month", tell(now.AddDate(0, 0, 30), alive[:3], finding.Since{}), "new active", "back active", "old active")
	expect("when a later run found it again", tell(now.AddDate(0, 0, 31), alive[:3], finding.Since{Fixed: alive[:1]}))
}

func hub(answer func(account string, body []byte) (int, string, error)) Channel {
	return SecurityHub{
		Name: "hub", Region: "eu-central-1", Least: finding.Low, Link: "https://reports.example.com",
		Import: func(_ context.Context, account string, body []byte) (int, []byte, error) {
			status, text, err := answer(account, body)
			return status, []byte(text), err
		},
	}.Channel()
}

func TestSecurityHubHasFindingsInItsFormat(t *testing.T) {
	var bodies []map[string][]map[string]any
	c := hub(func(account string, body []byte) (int, string, error) {
		if account != "111111111111" {
			t.Errorf("account %s", account)
		}
		var m map[string][]map[string]any
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, m)
		return http.StatusOK, `{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}`, nil
	})
	f := failure("shop", "one", finding.High, finding.StatusNew, now.Add(-time.Hour))
	f.Message = strings.Repeat("long ", 1000)
	news := state(true, []finding.Finding{f}, finding.Since{})
	news.Run.Policies[0].Frameworks = map[string][]string{"cis-aws-5.0": {"2.1.4"}}
	es, err := c.Compose(news)
	if err != nil || len(es) != 1 {
		t.Fatal(len(es), err)
	}
	if err := c.Send(t.Context(), es[0]); err != nil {
		t.Fatal(err)
	}
	got := bodies[0]["Findings"][0]
	if n := len([]rune(got["Description"].(string))); n != 1024 {
		t.Errorf("the description has %d characters", n)
	}
	delete(got, "Description")
	want := map[string]any{
		"SchemaVersion": "2018-10-08", "Id": "metsuke/" + f.Fingerprint, "ProductArn": "arn:aws:securityhub:eu-central-1:111111111111:product/111111111111/default",
		"ProductName": "metsuke", "CompanyName": "metsuke", "GeneratorId": "metsuke/aws-s3-public", "AwsAccountId": "111111111111",
		"FindingProviderFields": map[string]any{
			"Types": []any{"Software and Configuration Checks/Industry and Regulatory Standards"}, "Severity": map[string]any{"Label": "HIGH", "Original": "high"},
		},
		"CreatedAt": "2026-11-22T01:00:00Z", "FirstObservedAt": "2026-11-22T01:00:00Z", "LastObservedAt": "2026-11-22T02:00:00Z", "UpdatedAt": "2026-11-22T02:00:00Z",
		"Title":         "S3 buckets are not public",
		"Remediation":   map[string]any{"Recommendation": map[string]any{"Text": "Switch on the public access block.", "Url": "https://reports.example.com"}},
		"ProductFields": map[string]any{"metsuke/policy": "aws-s3-public", "metsuke/type": "aws_s3_bucket", "metsuke/owner": "shop"},
		"Resources":     []any{map[string]any{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::one", "Partition": "aws", "Region": "eu-west-1"}},
		"Compliance":    map[string]any{"Status": "FAILED", "RelatedRequirements": []any{"cis-aws-5.0 2.1.4"}}, "RecordState": "ACTIVE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	es, err = c.Compose(state(false, nil, finding.Since{Fixed: []finding.Finding{f}}))
	if err != nil || len(es) != 1 {
		t.Fatal(len(es), err)
	}
	if err := c.Send(t.Context(), es[0]); err != nil {
		t.Fatal(err)
	}
	if got := bodies[1]["Findings"][0]; got["RecordState"] != "ARCHIVED" || got["Compliance"].(map[string]any)["Status"] != "PASSED" || got["Id"] != want["Id"] {
		t.Errorf("fixed, it is %v, %v", got["RecordState"], got["Compliance"])
	}
}

func TestABatchHasAHundredFindingsOfOneAccountAtMost(t *testing.T) {
	var alive []finding.Finding
	for i := range 250 {
		f := failure("shop", strings.Repeat("x", i+1), finding.High, finding.StatusNew, now)
		if i >= 230 {
			f.Resource.Scope = "222222222222"
		}
		alive = append(alive, f)
	}
	es, err := hub(nil).Compose(state(true, alive, finding.Since{}))
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	keys := map[string]bool{}
	for _, e := range es {
		var m imported
		if err := json.Unmarshal(e.Body, &m); err != nil {
			t.Fatal(err)
		}
		got = append(got, len(m.Findings))
		keys[e.Key] = true
	}
	if diff := cmp.Diff([]int{100, 100, 30, 20}, got); diff != "" || len(keys) != 4 {
		t.Errorf("%d keys, -want +got:\n%s", len(keys), diff)
	}
}

func TestWhatSecurityHubDoesNotTakeIsSaid(t *testing.T) {
	one := state(true, []finding.Finding{failure("shop", "one", finding.High, finding.StatusNew, now)}, finding.Since{})
	for name, c := range map[string]struct {
		status    int
		answer    string
		err       error
		permanent bool
		want      string
	}{
		"it is not switched on":  {400, `{"Code":"InvalidAccessException","Message":"Account 111111111111 is not subscribed to AWS Security Hub"}`, nil, true, "AWS Security Hub of account 111111111111 in eu-central-1 answered 400: "},
		"too many calls":         {429, `{"message":"Rate exceeded"}`, nil, false, "answered 429"},
		"trouble over there":     {500, ``, nil, false, "answered 500"},
		"a finding is refused":   {200, `{"FailedCount":1,"SuccessCount":0,"FailedFindings":[{"Id":"x","ErrorCode":"InvalidInput","ErrorMessage":"Title is too long"}]}`, nil, true, "took 0 of 1 findings: InvalidInput Title is too long"},
		"one is not taken today": {200, `{"FailedCount":1,"SuccessCount":0,"FailedFindings":[{"Id":"x","ErrorCode":"InternalException","ErrorMessage":"x"}]}`, nil, false, "took 0 of 1 findings"},
		"no credentials":         {0, "", errors.New("AccessDenied: not authorized to perform sts:AssumeRole"), false, "account 111111111111: AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			ch := hub(func(string, []byte) (int, string, error) { return c.status, c.answer, c.err })
			es, err := ch.Compose(one)
			if err != nil {
				t.Fatal(err)
			}
			expectError(t, ch.Send(t.Context(), es[0]), c.permanent, 0, c.want)
		})
	}
}

func TestSecurityCommandCenterHasFindingsThatAreMadeAndUpdatedAlike(t *testing.T) {
	type sent struct {
		path string
		body map[string]any
	}
	var got []sent
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var m map[string]any
		_ = json.Unmarshal(b, &m)
		if r.Method != http.MethodPatch || r.Header.Get("Authorization") != "Bearer ya29" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		got = append(got, sent{r.URL.Path, m})
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(s.Close)
	c := CommandCenter{
		Name: "scc", Source: "organizations/42/sources/7", API: s.URL, Least: finding.Low, Client: http.DefaultClient, Now: clock,
		Token: func(context.Context) (string, error) { return "ya29", nil },
	}.Channel()
	f := failure("shop", "one", finding.Critical, finding.StatusNew, now)
	f.Resource.Provider, f.Resource.Type, f.Resource.ID = "gcp", "google_storage_bucket", "//storage.googleapis.com/one"
	for _, news := range []News{state(true, []finding.Finding{f}, finding.Since{}), state(false, nil, finding.Since{Gone: []finding.Finding{f}})} {
		es, err := c.Compose(news)
		if err != nil || len(es) != 1 {
			t.Fatal(len(es), err)
		}
		if err := c.Send(t.Context(), es[0]); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]any{
		"state": "ACTIVE", "category": "AWS_S3_PUBLIC", "resourceName": "//storage.googleapis.com/one", "eventTime": "2026-11-22T02:00:00Z", "severity": "CRITICAL",
		"findingClass": "MISCONFIGURATION", "description": "S3 buckets are not public: the ACL lets everyone read", "nextSteps": "Switch on the public access block.",
		"sourceProperties": map[string]any{"policy": "aws-s3-public", "category": "security", "type": "google_storage_bucket", "owner": "shop"},
	}
	path := "/v1/organizations/42/sources/7/findings/" + f.Fingerprint
	if diff := cmp.Diff(want, got[0].body); diff != "" || got[0].path != path {
		t.Errorf("%s (-want +got):\n%s", got[0].path, diff)
	}
	if got[1].path != path || got[1].body["state"] != "INACTIVE" {
		t.Errorf("gone, %s is %v", got[1].path, got[1].body["state"])
	}
}

func TestASinkTellsAnOwnerWhoIsNotKnownFromNobody(t *testing.T) {
	hidden, nobodys := failure("", "hidden", finding.High, finding.StatusNew, now), failure("", "nobodys", finding.High, finding.StatusNew, now)
	hidden.OwnerUnknown = providers.Denied
	whose := func(of map[string]string, prefix string) [2]string {
		return [2]string{of[prefix+"owner"], of[prefix+"ownerUnknown"]}
	}
	want := [][2]string{{"(unknown)", "denied"}, {"", ""}}
	var hub, center [][2]string
	for _, f := range []finding.Finding{hidden, nobodys} {
		one := sighting{Finding: f, Active: true}
		hub = append(hub, whose(SecurityHub{}.asff(one, finding.Run{Time: now}).ProductFields, "metsuke/"))
		center = append(center, whose(CommandCenter{}.finding(one, finding.Run{Time: now}).SourceProperties, ""))
	}
	if diff := cmp.Diff(want, hub); diff != "" {
		t.Errorf("Security Hub (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, center); diff != "" {
		t.Errorf("Security Command Center (-want +got):\n%s", diff)
	}
}
