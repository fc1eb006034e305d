package govern

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestACommentThatIsWellFormedIsAWaiver(t *testing.T) {
	for text, want := range map[string]Waiver{
		`metsuke:ignore aws-s3-versioning until=2026-12-31 reason="scratch data"`: {Policy: "aws-s3-versioning", Expires: "2026-12-31", Reason: "scratch data"},
		`metsuke:ignore aws-s3-*  reason=scratch   until=2026-12-31 ticket=GOV-7 approver="ann b."`: {
			Policy: "aws-s3-*", Expires: "2026-12-31", Reason: "scratch", Ticket: "GOV-7", Approver: "ann b.",
		},
		`metsuke:ignore x until=2026-12-31 reason="a \"b\" \\ c=d"`:            {Policy: "x", Expires: "2026-12-31", Reason: `a "b" \ c=d`},
		`metsuke:ignore x until=2026-12-31 reason=scratch only="Owner, Cost*"`: {Policy: "x", Expires: "2026-12-31", Reason: "scratch", Only: []string{"Owner", "Cost*"}},
		"metsuke:ignore\tx\tuntil=2026-12-31\treason=a=b\r":                    {Policy: "x", Expires: "2026-12-31", Reason: "a=b"},
		`metsuke:ignore x until=2026-12-31 reason="über 「すべて」"`:                {Policy: "x", Expires: "2026-12-31", Reason: "über 「すべて」"},
	} {
		want.InSource, want.File, want.Line, want.Addresses = true, "main.tf", 4, []string{"aws_s3_bucket.logs"}
		got := FromComments([]Comment{{Text: text, File: "main.tf", Line: 4, Address: "aws_s3_bucket.logs"}}, AllowComments)
		if diff := cmp.Diff([]Waiver{want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestACommentThatLacksSomethingSaysWhatAndWaivesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		text, address string
		strict        Strictness
		want          string
	}{
		"nothing at all":              {"", "r.x", AllowComments, `it names no policy; write metsuke:ignore POLICY until=2026-12-31 reason="..."`},
		"no policy":                   {`until=2026-12-31 reason=x`, "r.x", AllowComments, `it names no policy; write metsuke:ignore POLICY until=2026-12-31 reason="..."`},
		"no reason":                   {`p until=2026-12-31`, "r.x", AllowComments, `it has no reason; write reason="..."`},
		"an empty reason":             {`p until=2026-12-31 reason=" "`, "r.x", AllowComments, `it has no reason; write reason="..."`},
		"no day":                      {`p reason=x`, "r.x", AllowComments, `it has no day on which it ends; write until=2026-12-31`},
		"a reason without quotes":     {`p until=2026-12-31 reason=only scratch data`, "r.x", AllowComments, `scratch is no key=value; a text with spaces stands in quotes: reason="..."`},
		"prose":                       {`p because we say so`, "r.x", AllowComments, `because is no key=value; a text with spaces stands in quotes: reason="..."`},
		"a misspelt key":              {`p untl=2026-12-31 reason=x`, "r.x", AllowComments, `there is no key "untl": did you mean until?; there are until, reason, ticket, approver, only`},
		"a key twice":                 {`p until=2026-12-31 until=2027-12-31 reason=x`, "r.x", AllowComments, `until is there twice`},
		"a quote that is not closed":  {`p until=2026-12-31 reason="x`, "r.x", AllowComments, `reason: the quote is not closed`},
		"text behind a quote":         {`p until=2026-12-31 reason="x"y`, "r.x", AllowComments, `reason: something follows the closing quote`},
		"only for nothing":            {`p until=2026-12-31 reason=x only=","`, "r.x", AllowComments, `only names nothing`},
		"on nothing":                  {`p until=2026-12-31 reason=x`, "", AllowComments, `it stands on no resource and no module call`},
		"no ticket where it is asked": {`p until=2026-12-31 reason=x approver=a`, "r.x", ApprovedComments, `it needs an approver and a ticket, by the configuration (waivers.comments): approver=NAME ticket=ID`},
		"refused":                     {`p until=2026-12-31 reason=x approver=a ticket=t`, "r.x", RefuseComments, `waivers in comments are refused by the configuration (waivers.comments)`},
	} {
		t.Run(name, func(t *testing.T) {
			got := FromComments([]Comment{{Text: CommentPrefix + " " + c.text, File: "main.tf", Line: 4, Address: c.address}}, c.strict)
			if len(got) != 1 || got[0].Fault != c.want {
				t.Fatalf("got %+v\nwant %s", got, c.want)
			}
			if f := waive(t, planned("aws-s3-versioning", "r.x"), got...); f.Waiver != nil {
				t.Errorf("it waives all the same")
			}
		})
	}
}

func TestACommentIsHeldToTheSameLimitsAsTheFile(t *testing.T) {
	comments := []Comment{
		{Text: "metsuke:ignore aws-s3-versionin until=2026-12-31 reason=x", File: "main.tf", Line: 1, Address: "aws_s3_bucket.logs"},
		{Text: "metsuke:ignore aws-s3-versioning until=2029-12-31 reason=x", File: "main.tf", Line: 2, Address: "aws_s3_bucket.logs"},
		{Text: "metsuke:ignore aws-s3-versioning until=tomorrow reason=x", File: "main.tf", Line: 3, Address: "aws_s3_bucket.logs"},
	}
	ws := NewWaivers(FromComments(comments, AllowComments), Terms{Now: now, Policies: names})
	want := []string{
		"main.tf:1: the waiver of aws-s3-versionin on aws_s3_bucket.logs waives nothing: there is no policy aws-s3-versionin: did you mean aws-s3-versioning?",
		"main.tf:2: the waiver of aws-s3-versioning on aws_s3_bucket.logs waives nothing: 2029-12-31 is more than 365 days away, longer than a waiver may hold.",
		`main.tf:3: the waiver of aws-s3-versioning on aws_s3_bucket.logs waives nothing: "tomorrow" is no day such as 2026-12-31, so it counts as expired.`,
	}
	if diff := cmp.Diff(want, Notes(ws.Review(), false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestACommentOfAModuleThatIsCalledTwiceIsOneWaiver(t *testing.T) {
	text := "metsuke:ignore aws-s3-versioning until=2026-12-31 reason=x"
	list := FromComments([]Comment{
		{Text: text, File: "m/main.tf", Line: 1, Address: "module.a.aws_s3_bucket.logs"},
		{Text: text, File: "m/main.tf", Line: 1, Address: "module.b.aws_s3_bucket.logs"},
	}, AllowComments)
	want := []Waiver{{
		Policy: "aws-s3-versioning", Addresses: []string{"module.a.aws_s3_bucket.logs", "module.b.aws_s3_bucket.logs"},
		Reason: "x", Expires: "2026-12-31", InSource: true, File: "m/main.tf", Line: 1,
	}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := reviewed(ran(planned("aws-s3-versioning", "module.b.aws_s3_bucket.logs")), list...); len(got) > 0 {
		t.Errorf("it is needed by one of the calls: %+v", got)
	}
}

func TestACommentWithALongerWordIsAMistake(t *testing.T) {
	got := FromComments([]Comment{{Text: "metsuke:ignored x until=2026-12-31 reason=y", Address: "r.x"}}, AllowComments)
	if got[0].Fault != "there is no metsuke:ignored; write metsuke:ignore" {
		t.Errorf("%+v", got)
	}
}

func FuzzParseComment(f *testing.F) {
	f.Add(`metsuke:ignore aws-s3-versioning until=2026-12-31 reason="scratch \" data" ticket=x`)
	f.Add(`metsuke:ignore`)
	f.Add(`metsuke:ignore p reason="`)
	f.Add("metsuke:ignore p =a \x00=")
	f.Fuzz(func(t *testing.T, text string) {
		got := FromComments([]Comment{{Text: text, Address: "r.x"}}, AllowComments)
		if len(got) != 1 {
			t.Fatalf("%d waivers", len(got))
		}
		if w := got[0]; w.Fault == "" && (w.Policy == "" || w.Reason == "" || w.Expires == "") {
			t.Errorf("%q: accepted %+v", text, w)
		}
	})
}
