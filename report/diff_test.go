package report

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func someDiff() Diff {
	findings := of(rich().Findings, finding.Fail)
	cell := providers.Cell{Scope: providers.Scope{Provider: "aws", ID: "111111111111", Name: "payments"}, Region: "eu-central-1", Type: "aws_s3_bucket"}
	return Diff{
		From: DiffRun{"20260701-020000-aaaaaaaa", time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC)},
		To:   DiffRun{"20260702-020000-bbbbbbbb", time.Date(2026, 7, 2, 2, 0, 0, 0, time.UTC)},
		New:  findings[:1], Fixed: findings[1:2], NotVisible: findings[:2], CellsLost: []providers.Cell{cell}, Notes: []string{"a <b>note</b>"},
	}
}

func renderDiff(t *testing.T, format string, d Diff) string {
	t.Helper()
	var b strings.Builder
	if err := WriteDiff(&b, format, Options{}, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestADiffFollowsItsPublishedSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("../docs/schema/diff.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	validate(t, s, renderDiff(t, "json", someDiff()))
	validate(t, s, renderDiff(t, "json", Diff{}))
}

func TestADiffSumsUpEveryKind(t *testing.T) {
	const line = "From 20260701-020000-aaaaaaaa (2026-07-01 02:00 UTC) to 20260702-020000-bbbbbbbb (2026-07-02 02:00 UTC): " +
		"1 new, 0 reopened, 1 fixed, 0 gone with their resources, 2 not visible any more; 0 cells gained, 1 lost."
	if diff := cmp.Diff(line, someDiff().line()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	none := someDiff()
	none.New, none.Fixed, none.NotVisible, none.CellsLost = nil, nil, nil, nil
	const nothing = "Nothing changed from 20260701-020000-aaaaaaaa (2026-07-01 02:00 UTC) to 20260702-020000-bbbbbbbb (2026-07-02 02:00 UTC)."
	if diff := cmp.Diff(nothing, none.line()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheSectionsOfADiffAreThoseThatHoldSomething(t *testing.T) {
	var got []string
	for _, l := range strings.Split(renderDiff(t, "table", someDiff()), "\n") {
		if word, _, _ := strings.Cut(l, "  "); word != "" && word == strings.ToUpper(word) && !strings.HasPrefix(word, "SEVERITY") && !strings.HasPrefix(word, "TYPE") {
			got = append(got, word)
		}
	}
	if diff := cmp.Diff([]string{"NEW", "FIXED", "NOT VISIBLE ANY MORE", "CELLS LOST", "NOTES", "SUMMARY"}, got); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
	text := renderDiff(t, "markdown", someDiff())
	for _, want := range []string{"<summary>1 finding new</summary>", "<summary>2 findings not visible any more</summary>", "<summary>1 cell lost</summary>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the comment lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, "<b>note") {
		t.Errorf("a note is markup in the comment:\n%s", text)
	}
}
