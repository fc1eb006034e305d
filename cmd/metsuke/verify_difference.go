package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// firstDifference says in what two reports of one run differ, the most telling thing
// first: what a run is judged by explains its findings.
func firstDifference(saved, again finding.Run) string {
	for _, name := range digestNames(saved, again) {
		a, b := saved.Digests[name], again.Digests[name]
		if a == b {
			continue
		}
		switch {
		case name == "policies":
			return "the policies are other ones than those that judged it" + changedPolicies(saved, again)
		case a == "":
			return "there were no " + name + " and now there are"
		case b == "":
			return "there were " + name + " and now there are none"
		}
		return fmt.Sprintf("the %s differ: their digest was %s and is %s", plural(name), a, b)
	}
	if why := findingDifference(saved.Findings, again.Findings); why != "" {
		return why
	}
	return fieldDifference(saved, again)
}

// digestNames returns the names of the digests: policies and inventory first, since they
// decide most.
func digestNames(runs ...finding.Run) []string {
	names := map[string]bool{}
	for _, r := range runs {
		for name := range r.Digests {
			names[name] = true
		}
	}
	out := []string{"policies", "inventory"}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func plural(name string) string {
	if strings.HasSuffix(name, "s") {
		return name
	}
	return "contents of the " + name
}

// changedPolicies names policies that are in one run only.
func changedPolicies(saved, again finding.Run) string {
	ids := func(r finding.Run) map[string]bool {
		out := map[string]bool{}
		for _, p := range r.Policies {
			out[p.ID] = true
		}
		return out
	}
	was, is := ids(saved), ids(again)
	for _, id := range slices.Sorted(maps.Keys(was)) {
		if !is[id] {
			return ": there is no " + id + " any more"
		}
	}
	for _, id := range slices.Sorted(maps.Keys(is)) {
		if !was[id] {
			return ": there is now " + id
		}
	}
	return ""
}

// findingDifference names the first finding that is in one run only or has changed.
func findingDifference(saved, again []finding.Finding) string {
	is := map[string]finding.Finding{}
	for _, f := range again {
		is[f.Fingerprint] = f
	}
	was := map[string]bool{}
	for _, f := range saved {
		was[f.Fingerprint] = true
		now, ok := is[f.Fingerprint]
		switch {
		case !ok:
			return "it has the finding " + named(f) + ", which is not made again"
		case now.Verdict != f.Verdict:
			return fmt.Sprintf("the finding %s was %s and is %s", named(f), f.Verdict, now.Verdict)
		case !reflect.DeepEqual(textOf(f), textOf(now)):
			return "the finding " + named(f) + " reads otherwise"
		}
	}
	for _, f := range again {
		if !was[f.Fingerprint] {
			return "it lacks the finding " + named(f) + ", which is made now"
		}
	}
	return ""
}

func named(f finding.Finding) string {
	return fmt.Sprintf("%s (%s on %s)", f.Fingerprint, f.Policy, f.Resource.ID)
}

// textOf is a value as the report has it.
func textOf(v any) string {
	var b bytes.Buffer
	if err := writeJSON(&b, v); err != nil {
		return err.Error()
	}
	return b.String()
}

// fieldDifference names the first field of the report that differs.
func fieldDifference(saved, again finding.Run) string {
	fields := func(r finding.Run) map[string]json.RawMessage {
		out := map[string]json.RawMessage{}
		if json.Unmarshal([]byte(textOf(r)), &out) != nil {
			return nil
		}
		return out
	}
	was, is := fields(saved), fields(again)
	names := maps.Clone(was)
	maps.Copy(names, is)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(was[name], is[name]) {
			return fmt.Sprintf("%q of the report differs", name)
		}
	}
	return "the order of its findings differs"
}
