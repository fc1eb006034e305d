package yamlfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type doc struct {
	Name  string            `yaml:"name"`
	Items []item            `yaml:"items"`
	More  map[string]string `yaml:"more"`
}

type item struct {
	ID    Text `yaml:"id"`
	Count int  `yaml:"count"`
}

func TestTextIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]Text{
		"012345670123": "012345670123", "111111111111": "111111111111", "1.10": "1.10", "1e3": "1e3", "true": "true", "0x1F": "0x1F",
		"'quoted'": "quoted", "2026-12-31": "2026-12-31", "null": "", "": "", "|\n      two\n      lines": "two\nlines\n",
	} {
		var d doc
		if _, err := Read([]byte("items:\n  - id: "+text+"\n"), "doc.yaml", &d); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(doc{Items: []item{{ID: want}}}, d); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestAFileKnowsWhereItsValuesStand(t *testing.T) {
	var d doc
	f, err := Read([]byte("name: a\nitems:\n  - id: x\n    count: 1\n  - {id: y}\nmore:\n  'a*': b\n"), "doc.yaml", &d)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, key := range []string{"name", "items[0]", "items[0].count", "items[1]", "more", "more.'a*'", "nothing"} {
		got[key] = f.At(key)
	}
	want := map[string]string{
		"name": "doc.yaml:1:7", "items[0]": "doc.yaml:3:5", "items[0].count": "doc.yaml:4:12", "items[1]": "doc.yaml:5:5",
		"more": "doc.yaml:7:3", "more.'a*'": "doc.yaml:7:9", "nothing": "doc.yaml",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f.Line("items[1]") != 5 || f.Line("nothing") != 0 || !f.Has("more") || f.Has("nothing") {
		t.Errorf("line %d and %d, has %v and %v", f.Line("items[1]"), f.Line("nothing"), f.Has("more"), f.Has("nothing"))
	}
}

func TestAnAnchorMayBeReferredTo(t *testing.T) {
	var d doc
	if _, err := Read([]byte("more: &m {a: b}\nname: x\n---\n"), "doc.yaml", &d); err != nil {
		t.Error(err)
	}
	d = doc{}
	_, err := Read([]byte("items:\n  - &one {id: x, count: 2}\n  - *one\n"), "doc.yaml", &d)
	if diff := cmp.Diff(doc{Items: []item{{"x", 2}, {"x", 2}}}, d); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// bombs are files of less than 300 kB that took gigabytes.
func bombs() map[string]string {
	var laughs strings.Builder
	laughs.WriteString("any:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&laughs, "  a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return map[string]string{
		laughs.String(): "doc.yaml:7:42: the aliases up to here stand for more than 1048576 values; write them out",
		"any: {a: " + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + "}": "doc.yaml:1:109: more than 100 lists and sections are within one another here",
	}
}

func TestASmallFileTakesNoGigabytes(t *testing.T) {
	for text, want := range bombs() {
		var d struct {
			Any map[string]any `yaml:"any"`
		}
		if _, err := Read([]byte(text), "doc.yaml", &d); err == nil || err.Error() != want {
			t.Errorf("%.80q\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func TestWhatAnAliasStandsForIsThere(t *testing.T) {
	const text = `
any: &all
  a: &a {x: 1, y: ~}
  b: *a
  c:
    <<: *a
    z: &z [p, &q q]
  d: !!map {w: *z}
`
	var d struct {
		Any map[string]any `yaml:"any"`
	}
	f, err := Read([]byte(text), "doc.yaml", &d)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, key := range []string{"any", "any.a.x", "any.a.y", "any.b", "any.b.y", "any.c.x", "any.c.z[1]", "any.d.w", "any.d.w[1]", "any.b.z"} {
		got[key] = fmt.Sprintln(f.At(key), f.Has(key))
	}
	want := map[string]string{
		"any": "doc.yaml:2:6 true\n", "any.a.x": "doc.yaml:3:13 true\n", "any.a.y": "doc.yaml:3:19 true\n",
		"any.b": "doc.yaml:3:9 true\n", "any.b.y": "doc.yaml:3:19 true\n", "any.c.x": "doc.yaml:3:13 true\n",
		"any.c.z[1]": "doc.yaml:7:18 true\n", "any.d.w": "doc.yaml:7:11 true\n", "any.d.w[1]": "doc.yaml:7:18 true\n",
		"any.b.z": "doc.yaml false\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFilesOfWindowsAreReadToo(t *testing.T) {
	var d doc
	if _, err := Read([]byte("\ufeffname: a\r\nitems:\r\n  - id: x\r\n    count: 1\r\n"), "doc.yaml", &d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(doc{Name: "a", Items: []item{{"x", 1}}}, d); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryMistakeIsNamedWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"nam: a\n":                          `doc.yaml:1:1: there is no key "nam": did you mean name?`,
		"items: {}\n":                       "doc.yaml:1:8: this is a section of keys, where a list belongs",
		"items:\n  - *x\n":                  `doc.yaml:2:5: a bare * refers to something that is defined with &; put a pattern into quotes: "*"`,
		"name: *.logs\n":                    `doc.yaml:1:7: a bare * refers to something that is defined with &; put a pattern into quotes: "*"`,
		"name: a\n---\nb: c\n":              "doc.yaml:2:1: the file holds 2 YAML documents, separated by ---; it has to be one",
		"name: a\n---\nb: c\n---\n":         "doc.yaml:2:1: the file holds 3 YAML documents, separated by ---; it has to be one",
		"items: [{id: [*x]}, &x {}]":        `doc.yaml:1:15: a bare * refers to something that is defined with &; put a pattern into quotes: "*"`,
		"items: [{id: &x [a]}, {id: [*x]}]": "doc.yaml:1:17: this is a list, where a string belongs",
		"name: " + strings.Repeat("[", 500) + strings.Repeat("]", 500): "doc.yaml:1:107: more than 100 lists and sections are within one another here",
		"items:\n" + strings.Repeat("- ", 500) + "a":                   "doc.yaml:2:201: more than 100 lists and sections are within one another here",
		"name: x\n" + strings.Repeat("k", 200) + ": a":                 `doc.yaml:2:1: there is no key "` + strings.Repeat("k", 100) + `..."`,
		"\xff\xfen\x00":      "doc.yaml: the file is in UTF-16, as PowerShell writes it; save it as UTF-8",
		"name: a\n# \xe9\n":  "doc.yaml:2: the line is not in UTF-8; save the file as UTF-8",
		"items: [{id: [a]}]": "doc.yaml:1:14: this is a list, where a string belongs",
	} {
		var d doc
		if _, err := Read([]byte(text), "doc.yaml", &d); err == nil || err.Error() != want {
			t.Errorf("%q\ngot  %v\nwant %s", text, err, want)
		}
	}
}
