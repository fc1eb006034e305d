package providers

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"
)

func TestResourcesAreWrittenAsEncodingJSONWritesThem(t *testing.T) {
	type plain Resource
	odd := "quote \" slash \\ <tag> & \u2028 \x01 \n \x7f ü 😀 \xff"
	for name, r := range map[string]Resource{
		"empty": {},
		"full": {
			Scope: Scope{Provider: "aws", ID: "1", Name: odd, Labels: map[string]string{"b": "2", "a": odd}}, Type: "aws_s3_bucket", ID: odd, Name: "n", Region: "r",
			Tags: map[string]string{"z": "1", odd: odd, "": ""}, Created: time.Date(2026, 7, 1, 1, 2, 3, 4, time.UTC),
			Attributes: map[string]any{
				"null": nil, "yes": true, "no": false, "text": odd, "empty": "", "int": 7, "int64": int64(-1 << 62), "float": 1e21, "small": 1e-7, "half": 0.5, "number": json.Number("12.50"),
				"list": []any{1.0, []any{}, []any(nil), map[string]any{}, map[string]any(nil), "x"}, "object": map[string]any{"b": map[string]any{"c": []any{odd}}, "a": 1}, "texts": []string{"a"},
			},
			Unknown: map[string]Reason{"b": Denied, "a": Deferred},
			Source:  &Source{Address: "a", Module: "m", File: "f", Line: 3, Action: "create", Calls: []Place{{"a", "f", 1}}},
		},
		"source without an address": {Source: &Source{Line: 7}},
		"empty source":              {Source: &Source{}},
	} {
		want := plain(r)
		if want.Tags == nil {
			want.Tags = map[string]string{}
		}
		if want.Attributes == nil {
			want.Attributes = map[string]any{}
		}
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.MarshalJSON()
		if err != nil || string(got) != string(b) {
			t.Errorf("%s: error %v\n got %s\nwant %s", name, err, got, b)
		}
	}
}

func TestTheEncoderKnowsEveryField(t *testing.T) {
	for typ, known := range map[reflect.Type]int{reflect.TypeFor[Resource](): 10, reflect.TypeFor[Scope](): 4, reflect.TypeFor[Source](): 6} {
		if n := typ.NumField(); n != known {
			t.Errorf("%s has %d fields, and the encoder writes %d: write the others too", typ, n, known)
		}
	}
}

func TestWhatIsNoJSONIsAnError(t *testing.T) {
	r := Resource{Attributes: map[string]any{"a": []any{math.NaN()}}}
	if b, err := r.MarshalJSON(); err == nil {
		t.Errorf("it was written as %s", b)
	}
}
