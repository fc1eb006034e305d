package terraform

import (
	"testing"
)

func TestFieldsAreTheMembersOfAnObject(t *testing.T) {
	for _, text := range []string{
		``, `null`, `true`, `[1]`, `{}`, `{"a":1}`, `{ "a" : {"b":[1,"}"]} , "c":"\"" }`, `{"a":1,"a":2}`, `{"\u0061":1,"a":2}`, `{"a":2,"\u0061":1}`, `{"":0,"b\"":[],"ä":null}`,
	} {
		f := fields{text: []byte(text)}
		for _, key := range []string{"a", "b", "c", "", `b"`, "ä", "a"} {
			want, got := member([]byte(text), key), f.member(key)
			if string(got) != string(want) || (got == nil) != (want == nil) {
				t.Errorf("%q of %s is %q, want %q", key, text, got, want)
			}
		}
	}
}
