package govern

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/yamlfile"
)

// WaiverFile is waivers.yaml.
type WaiverFile struct {
	Waivers []WaiverEntry `yaml:"waivers" json:"waivers" jsonschema_description:"The exceptions that were granted."`
}

// WaiverEntry is a waiver as it stands in the file.
type WaiverEntry struct {
	Policy   yamlfile.Text   `yaml:"policy" json:"policy" jsonschema_description:"Id of the policy, or a pattern of ids with * and ?."`
	Resource yamlfile.Text   `yaml:"resource" json:"resource" jsonschema_description:"Pattern, with * and ?, of the resource's id, name or Terraform address."`
	Account  yamlfile.Text   `yaml:"account" json:"account,omitempty" jsonschema_description:"Only in accounts whose id or name matches this pattern."`
	Region   yamlfile.Text   `yaml:"region" json:"region,omitempty" jsonschema_description:"Only in regions that match this pattern."`
	Type     yamlfile.Text   `yaml:"type" json:"type,omitempty" jsonschema_description:"Only resources of types that match this pattern."`
	Only     []yamlfile.Text `yaml:"only" json:"only,omitempty" jsonschema_description:"Patterns of the defects, or of the key or the path of the finding, that are excused. A finding that tells of anything else counts. Without it: everything that the policy finds on the resource."`
	Reason   yamlfile.Text   `yaml:"reason" json:"reason" jsonschema_description:"Why the exception is right."`
	Approver yamlfile.Text   `yaml:"approver" json:"approver" jsonschema_description:"Who granted it."`
	Ticket   yamlfile.Text   `yaml:"ticket" json:"ticket" jsonschema_description:"Where that was decided."`
	Expires  yamlfile.Text   `yaml:"expires" json:"expires" jsonschema_description:"The last day on which it holds, in UTC: 2026-12-31."`
}

// ParseWaivers reads a waiver file. name stands in errors, which begin with
// name:line:column and name everything that is left out, and in Waiver.File. Whether a
// day, a policy and a lifetime are good is for NewWaivers to say.
func ParseWaivers(text []byte, name string) ([]Waiver, error) {
	var doc WaiverFile
	file, err := yamlfile.Read(text, name, &doc)
	if err != nil {
		return nil, err
	}
	var out []Waiver
	var errs []error
	for i, e := range doc.Waivers {
		key := fmt.Sprintf("waivers[%d]", i)
		w := Waiver{
			Policy: plain(e.Policy), Resource: plain(e.Resource), Account: plain(e.Account), Region: plain(e.Region), Type: plain(e.Type),
			Only: plainList(e.Only), Reason: plain(e.Reason), Approver: plain(e.Approver), Ticket: plain(e.Ticket), Expires: plain(e.Expires),
			File: name, Line: file.Line(key + ".policy"),
		}
		if missing := w.missing(); len(missing) > 0 {
			errs = append(errs, fmt.Errorf("%s: the waiver has no %s; it takes policy, resource, reason, approver, ticket and expires", file.At(key), strings.Join(missing, ", no ")))
		}
		for _, narrow := range []struct {
			name string
			with []string
		}{{"account", []string{w.Account}}, {"region", []string{w.Region}}, {"type", []string{w.Type}}, {"only", w.Only}} {
			if at := key + "." + narrow.name; file.Has(at) && (len(narrow.with) == 0 || slices.Contains(narrow.with, "")) {
				errs = append(errs, fmt.Errorf("%s: %s is empty, and the waiver would hold without it: say what it narrows to, or leave it out", file.At(at), narrow.name))
			}
		}
		out = append(out, w)
	}
	return out, errors.Join(errs...)
}

// plain is a text in one line: reports show it in one.
func plain(t yamlfile.Text) string { return strings.Join(strings.Fields(string(t)), " ") }

func plainList(ts []yamlfile.Text) []string {
	var out []string
	for _, t := range ts {
		out = append(out, plain(t))
	}
	return out
}

// missing returns the required fields that a waiver of the file lacks.
func (w Waiver) missing() []string {
	var out []string
	for _, field := range []struct{ name, value string }{
		{"policy", w.Policy},
		{"resource", w.Resource},
		{"reason", w.Reason},
		{"approver", w.Approver},
		{"ticket", w.Ticket},
		{"expires", w.Expires},
	} {
		if field.value == "" {
			out = append(out, field.name)
		}
	}
	return out
}
