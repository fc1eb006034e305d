package finding

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPackedFindingsComeOutAsTheyWentIn(t *testing.T) {
	var want []Finding
	want = append(want, Finding{}, full(t))
	for i := range 2000 { // more than a page
		f := full(t)
		f.Fingerprint, f.Resource.ID = fmt.Sprintf("%032x", i), fmt.Sprintf("id-%d", i)
		want = append(want, f)
	}
	var p Packed
	for _, f := range want {
		p.Add(f)
	}
	if diff := cmp.Diff(want, p.Findings()); diff != "" {
		t.Errorf("unpacked (-want +got):\n%s", diff)
	}
	if p.Len() != len(want) {
		t.Errorf("Len is %d, want %d", p.Len(), len(want))
	}
}

func TestAFindingLargerThanAPageIsPacked(t *testing.T) {
	f := Finding{Message: string(make([]byte, 3*pageSize))}
	var p Packed
	p.Add(Finding{Key: "before"})
	p.Add(f)
	p.Add(Finding{Key: "after"})
	if diff := cmp.Diff([]Finding{{Key: "before"}, f, {Key: "after"}}, p.Findings()); diff != "" {
		t.Errorf("unpacked (-want +got):\n%s", diff)
	}
}

func TestSortOrdersAsCompareDoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		var fs []Finding
		for i := range n {
			fs = append(fs, Finding{Key: fmt.Sprint(rng.IntN(1 + i)), Message: fmt.Sprint(i), Severity: Severities()[rng.IntN(4)]})
		}
		was := map[string]bool{}
		for _, f := range fs {
			was[f.Message] = true
		}
		Sort(fs)
		for i := range fs {
			delete(was, fs[i].Message)
			if i > 0 && Compare(fs[i-1], fs[i]) > 0 {
				t.Fatalf("%d findings: %v comes before %v", n, fs[i-1], fs[i])
			}
		}
		if len(was) > 0 {
			t.Fatalf("%d findings: lost those of messages %v", n, was)
		}
	}
}

// full returns a finding with something in every field, so that none that is added to
// the type is forgotten.
func full(t *testing.T) Finding {
	t.Helper()
	var f Finding
	n := 0
	fill(t, reflect.ValueOf(&f).Elem(), &n)
	return f
}

func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	if at, ok := v.Addr().Interface().(*time.Time); ok {
		*at = time.Date(2026, 7, 1, 12, 0, *n, *n, time.UTC)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Int:
		v.SetInt(int64(*n * 1000))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	default:
		t.Fatalf("a finding holds a %s: pack it, and say here how to fill it", v.Kind())
	}
}
