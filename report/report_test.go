package report

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

var update = flag.Bool("update", false, "write the golden files")

// runs are the fixtures by name.
func runs() map[string]func() finding.Run {
	return map[string]func() finding.Run{"rich": rich, "gate": gate, "change": change, "clear": clear, "empty": empty, "blind": blind, "excused": pardoned, "ascode": asCode, "watched": watched}
}

// variants are the ways in which a format is rendered for the golden files.
func variants(format string) map[string]Options {
	if format == "table" {
		return map[string]Options{
			"": {}, "-80": {Width: 80}, "-120": {Width: 120}, "-200-color": {Width: 200, Color: true},
			"-by-account": {Width: 120, GroupBy: "account", MaxFindings: 4},
		}
	}
	return map[string]Options{"": {ToolURL: "https://metsuke.example"}}
}

func render(t *testing.T, format string, o Options, run finding.Run) string {
	t.Helper()
	r, err := New(format, o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Report(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readable is what a person reads of a report.
func readable(t *testing.T, format, got string) string {
	t.Helper()
	if format == "xlsx" {
		return asText(t, got)
	}
	return got
}

// stable takes out of a report what is the same in each of its format, and would have to
// be read again in every golden file.
func stable(t *testing.T, format, got string) string {
	t.Helper()
	if format != "html" {
		return readable(t, format, got)
	}
	got = regexp.MustCompile(`sha256-(?:[A-Za-z0-9/=+]|&#43;)*`).ReplaceAllString(got, "sha256-...")
	got = regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAllString(got, "<style>...</style>")
	return regexp.MustCompile(`(?s)<script>.*</script>`).ReplaceAllString(got, "<script>...</script>")
}

func TestEveryFormatLooksAsItDid(t *testing.T) {
	for _, format := range Formats() {
		for name, run := range runs() {
			for variant, o := range variants(format) {
				if variant != "" && name != "rich" && name != "gate" {
					continue
				}
				t.Run(format+variant+"/"+name, func(t *testing.T) {
					got := stable(t, format, render(t, format, o, run()))
					file := filepath.Join("testdata", name+variant+"."+format)
					if format == "xlsx" {
						file += ".txt" // what is read in it
					}
					if *update {
						if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
							t.Fatal(err)
						}
					}
					want, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(string(want), got); diff != "" {
						t.Errorf("%s (-want +got), go test ./report -update writes it anew:\n%s", file, diff)
					}
				})
			}
		}
	}
}

func TestReportersChangeNothingAndWriteTheSameBytesTwice(t *testing.T) {
	for _, format := range Formats() {
		for name, run := range runs() {
			for variant, o := range variants(format) {
				t.Run(format+variant+"/"+name, func(t *testing.T) {
					given, kept := run(), run()
					first := render(t, format, o, given)
					if diff := cmp.Diff(kept, given); diff != "" {
						t.Errorf("the run was changed (-before +after):\n%s", diff)
					}
					if second := render(t, format, o, given); second != first {
						t.Errorf("two reports of one run differ:\n%s", cmp.Diff(first, second))
					}
				})
			}
		}
	}
}

// full is a disk without room after n bytes.
type full struct{ n int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.n {
		n := f.n
		f.n = 0
		return n, errFull
	}
	f.n -= len(p)
	return len(p), nil
}

func TestAFailedWriteIsReturned(t *testing.T) {
	for _, format := range Formats() {
		whole := len(render(t, format, Options{}, rich()))
		for _, n := range []int{0, 1, whole / 2, whole - 1} {
			t.Run(fmt.Sprintf("%s after %d bytes", format, n), func(t *testing.T) {
				r, err := New(format, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := r.Report(&full{n}, rich()); !errors.Is(err, errFull) {
					t.Errorf("got error %v, want %v", err, errFull)
				}
			})
		}
	}
}

func TestEveryFormatShowsCoverageAndUnknowns(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			got := readable(t, format, render(t, format, Options{}, rich()))
			for _, want := range []string{"4180", "4320"} {
				if !strings.Contains(strings.ReplaceAll(got, ",", ""), want) {
					t.Errorf("no cells count %s", want)
				}
			}
			for _, want := range []string{"s3:GetBucketPublicAccessBlock", "rds:DescribeDBInstances", "nterrupted", "nknown"} {
				if !strings.Contains(got, want) {
					t.Errorf("does not mention %q", want)
				}
			}
		})
	}
}

func TestAnUnknownFormatNamesTheNearest(t *testing.T) {
	for name, tt := range map[string]struct {
		format string
		o      Options
		want   string
	}{
		"a letter too few": {"tabel", Options{}, `unknown format "tabel", did you mean "table"? (known: ` + strings.Join(Formats(), ", ") + ")"},
		"upper case":       {"JSON", Options{}, `unknown format "JSON", did you mean "json"? (known: ` + strings.Join(Formats(), ", ") + ")"},
		"nothing like it":  {"powerpoint", Options{}, `unknown format "powerpoint" (known: ` + strings.Join(Formats(), ", ") + ")"},
		"none":             {"", Options{}, `unknown format "" (known: ` + strings.Join(Formats(), ", ") + ")"},
		"a grouping":       {"table", Options{GroupBy: "acount"}, `unknown grouping "acount", did you mean "account"? (known: account, policy, owner, severity)`},
		"a negative width": {"table", Options{Width: -1}, "a report's width and number of findings cannot be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(tt.format, tt.o)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
