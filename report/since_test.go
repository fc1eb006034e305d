package report

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Each format says it in the same words but for the two that have fields for it.
func TestEveryFormatSaysWhatChangedSinceTheRunBefore(t *testing.T) {
	const said = "Since run run-2026-03-13 of 2026-03-13 03:00 UTC: 1 new, 1 reopened, 1 fixed, 1 gone, 1 not visible; 1 cell gained, 1 lost."
	inFields := map[string]string{
		"json":   `"not_visible": [`,
		"ndjson": `"fixed":1,"gone":1,"not_visible":1,`,
	}
	unmarked := strings.NewReplacer(`\\`, "", `\-`, "-", `\:`, ":", "\n", " ", `\`, "") // of Markdown
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			want := said
			if fields, ok := inFields[format]; ok {
				want = fields
			}
			text := unmarked.Replace(readable(t, format, render(t, format, Options{}, watched())))
			if inFields[format] != "" {
				text = readable(t, format, render(t, format, Options{}, watched()))
			}
			if !strings.Contains(text, want) {
				t.Errorf("does not say %q:\n%s", want, text)
			}
		})
	}
}

func TestWhatWasNotLookedAtIsFixedInNoFormat(t *testing.T) {
	run := watched()
	run.Since.Fixed, run.Since.Gone = nil, nil
	run.Since.NotVisible = []finding.Finding{run.Since.NotVisible[0], run.Since.NotVisible[0]}
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			text := strings.ReplaceAll(readable(t, format, render(t, format, Options{}, run)), `\`, "")
			for _, bad := range []string{"1 fixed", "2 fixed", "1 gone", "2 gone", `"fixed":1`, `"fixed":2`, `"gone":2`, `"status_code":"fixed"`} {
				if strings.Contains(text, bad) {
					t.Errorf("says %q of what could not be looked at", bad)
				}
			}
		})
	}
}

func TestWhatAnEarlierRunFoundHasNoVerdictInCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(render(t, "csv", Options{}, watched()))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	type row struct{ Kind, Verdict, Resource, History, FirstSeen, Since string }
	var got []row
	for _, r := range rows[1:] {
		got = append(got, row{r[at["kind"]], r[at["verdict"]], r[at["resource_name"]], r[at["history"]], r[at["first_seen"]], r[at["since"]]})
	}
	const first, last = "2026-01-02T03:00:00Z", "2026-03-14T09:26:53Z"
	want := []row{
		{"finding", "fail", "bucket-1-new", "new", last, last},
		{"finding", "fail", "bucket-2-open", "open", "2026-02-01T03:00:00Z", "2026-02-01T03:00:00Z"},
		{"finding", "fail", "bucket-3-reopened", "reopened", first, "2026-03-01T03:00:00Z"},
		{"finding", "fail", "bucket-4-waived", "waived", first, "2026-01-05T03:00:00Z"},
		{"since_fixed", "", "bucket-5-fixed", "fixed", first, last},
		{"since_gone", "", "bucket-6-gone", "gone", first, last},
		{"since_not_visible", "", "bucket-7-not_visible", "not_visible", first, last},
		{"coverage", "", "", "", "", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
