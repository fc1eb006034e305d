package gcp

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/asset/apiv1/assetpb"
)

// document is an asset and what is known of its project.
type document struct {
	name     string // full resource name, as the inventory has it
	id       string // the same with the project's ID, as other APIs have it
	asset    string // asset type
	location string
	data     object // the resource as its own API shows it
	holder   string // the project that holds it: an ID, else a number, else ""
	billing  object // billing information, of a project only
	// ancestors are what it is in, itself among them where it is a project, folder or
	// organisation: the innermost first.
	ancestors []string
}

func newDocument(a *assetpb.Asset, ids map[string]string) document {
	d := document{name: a.GetName(), asset: a.GetAssetType(), location: a.GetResource().GetLocation(), data: object{}, ancestors: a.GetAncestors()}
	if s := a.GetResource().GetData(); s != nil {
		d.data = s.AsMap()
	}
	d.holder = holder(d, a.GetAncestors())
	d.id = d.name
	if id, ok := ids[d.holder]; ok {
		d.id = strings.Replace(d.name, "/projects/"+d.holder+"/", "/projects/"+id+"/", 1)
		d.holder = id
	}
	return d
}

var (
	inProject = regexp.MustCompile(`/projects/([^/]+)`)
	digits    = regexp.MustCompile(`^[0-9]+$`)
)

// holder finds the project of an asset: in its name, else first among its ancestors.
func holder(d document, ancestors []string) string {
	if m := inProject.FindStringSubmatch(d.name); m != nil {
		return m[1]
	}
	if len(ancestors) > 0 {
		if id, ok := strings.CutPrefix(ancestors[0], "projects/"); ok {
			return id
		}
	}
	return d.data.textOr("", "projectNumber")
}

// missing stands in the place of an attribute that the inventory should have
// given and has not, and says so: it becomes an unknown attribute.
type missing string

// project returns the ID of the project that holds the resource.
func (d document) project() any {
	if d.holder == "" || digits.MatchString(d.holder) {
		return missing("the inventory does not say which project holds the resource")
	}
	return d.holder
}

var zone = regexp.MustCompile(`^([a-z]+-[a-z]+[0-9]+)-[a-z]$`)

// region returns the region of the resource in lower case, "" for a global one.
func (d document) region() string {
	l := strings.ToLower(d.location)
	if m := zone.FindStringSubmatch(l); m != nil {
		return m[1]
	}
	if l == "global" {
		return ""
	}
	return l
}

// object is a JSON object of an API. Its methods walk a path of names; a value
// that is not there reads as null, "" or false, as the APIs leave such out.
type object map[string]any

func (o object) at(path ...string) any {
	var v any = map[string]any(o)
	for _, step := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[step]
	}
	return v
}

// text returns a string; null when it is not there or empty.
func (o object) text(path ...string) any {
	switch v := o.at(path...).(type) {
	case string:
		if v != "" {
			return v
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10)
		}
	}
	return nil
}

func (o object) textOr(otherwise string, path ...string) string {
	if s, ok := o.text(path...).(string); ok {
		return s
	}
	return otherwise
}

// flag returns a boolean that is false when it is not there.
func (o object) flag(path ...string) bool {
	b, _ := o.at(path...).(bool)
	return b
}

// maybe returns a boolean; null when it is not there.
func (o object) maybe(path ...string) any {
	if b, ok := o.at(path...).(bool); ok {
		return b
	}
	return nil
}

// number returns a number, which the APIs write as a string when it is 64 bits
// wide; null when it is not there.
func (o object) number(path ...string) any {
	switch v := o.at(path...).(type) {
	case float64:
		return v
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f
		}
	}
	return nil
}

func (o object) object(path ...string) object {
	m, _ := o.at(path...).(map[string]any)
	return m
}

func (o object) objects(path ...string) []object {
	list, _ := o.at(path...).([]any)
	var out []object
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// strings returns a list of strings, never null.
func (o object) strings(path ...string) []any {
	list, _ := o.at(path...).([]any)
	out := []any{}
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// each makes a list of one value for each of the objects, never null.
func each(in []object, f func(object) any) []any {
	out := make([]any, 0, len(in))
	for _, o := range in {
		out = append(out, f(o))
	}
	return out
}

// baseName returns what follows the last slash: the name in a URL, a path or a
// full resource name.
func baseName(s string) string { return s[strings.LastIndex(s, "/")+1:] }

// base is text, cut down to what follows the last slash.
func (o object) base(path ...string) any {
	if s, ok := o.text(path...).(string); ok {
		return baseName(s)
	}
	return nil
}

func (o object) baseOr(otherwise string, path ...string) string {
	return baseName(o.textOr(otherwise, path...))
}

var computeURL = regexp.MustCompile(`^https://[a-z.]*googleapis\.com/compute/[a-z0-9]+/`)

// resourceName turns the URL of a Compute Engine resource into its full
// resource name, under which it is found in the inventory.
func resourceName(url string) string {
	return computeURL.ReplaceAllString(url, "//compute.googleapis.com/")
}

// instant reads a time: RFC 3339, or milliseconds since 1970.
func instant(v any) time.Time {
	s, ok := v.(string)
	if !ok {
		return time.Time{}
	}
	if digits.MatchString(s) {
		ms, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}
		}
		return time.UnixMilli(ms).UTC()
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
