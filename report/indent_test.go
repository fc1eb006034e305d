package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// indentedOtherwise is what appendIndented stands for.
func indentedOtherwise(t testing.TB, b []byte, prefix, indent string) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, prefix, indent); err != nil {
		t.Fatal(err)
	}
	return string(escapeJSON(out.Bytes()))
}

func FuzzIndentedAsEncodingJSONDoes(f *testing.F) {
	for _, text := range []string{
		`{}`, `[]`, `null`, `1.5e-3`, `"a"`, `""`, `[[],{},[{}],[[]]]`, `{"a":{"b":[1,true,null,"c"]},"d":[]}`, `"{\"a\":[1,2]}"`, `"\\"`, `["\\\"]",{"\\":"\\\\"}]`,
		`"##[group]"`, `"##vso[task]"`, `["##","["]`, `"###[##[[x"`, "\"\u202e\x7f\u2028\ufffdé漢🦀\U000e0001\"", `{"##[é":"[é"}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		if json.Compact(&b, []byte(text)) != nil || !json.Valid([]byte(strings.ToValidUTF8(text, "?"))) || strings.ToValidUTF8(text, "?") != text {
			return // no encoder writes it
		}
		for _, indents := range [][2]string{{"", "  "}, {"  ", "  "}, {"    ", " "}} {
			got := string(appendIndented(nil, b.Bytes(), indents[0], indents[1]))
			if diff := cmp.Diff(indentedOtherwise(t, b.Bytes(), indents[0], indents[1]), got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
		}
	})
}

func TestALongListIsWrittenAsAShortOne(t *testing.T) {
	for _, n := range []int{0, 1, chunkSize, 3*chunkSize + 1} {
		fs := make([]finding.Finding, n)
		for i := range fs {
			fs[i].Key = fmt.Sprint("##[é] ", i)
		}
		var got strings.Builder
		if err := writeList(&got, fs, func(f *finding.Finding) any { return f }); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(fs)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(indentedOtherwise(t, b, "  ", "  "), got.String()); diff != "" {
			t.Errorf("%d findings (-want +got):\n%s", n, diff)
		}
	}
}

func TestTheErrorOfAChunkIsReturned(t *testing.T) {
	broken := errors.New("broken")
	text := func(from, _ int) ([]byte, error) {
		if from == 2*chunkSize {
			return nil, broken
		}
		return fmt.Append(nil, from), nil
	}
	var got []string
	err := inChunks(100*chunkSize, text, func(b []byte) error {
		got = append(got, string(b))
		return nil
	})
	if want := []string{"0", fmt.Sprint(chunkSize)}; !errors.Is(err, broken) || cmp.Diff(want, got) != "" {
		t.Errorf("it is %v after %v", err, got)
	}
	if err := inChunks(100*chunkSize, text, func([]byte) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("it is %v", err)
	}
}
