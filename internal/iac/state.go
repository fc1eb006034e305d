// Package iac tells which live resources are kept by infrastructure as code: it takes
// the identities of resources from Terraform states, and nothing else, and finds them
// among what a scan reads. It does no I/O.
package iac

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// State is what a Terraform or OpenTofu state says of which resources there are.
type State struct {
	Name    string  `json:"name"` // where it lies: a file, s3://bucket/key
	Entries []Entry `json:"entries"`
}

// Entry is a resource of a state. It holds what identifies the resource and no other
// value of the state, which is full of secrets: it can be saved.
type Entry struct {
	Address string `json:"address"` // module.a["x"].aws_s3_bucket.b[0]
	Type    string `json:"type"`    // Terraform type
	// Keys are what it is found by, see keys; none is that it cannot be.
	Keys []string `json:"keys,omitempty"`
	// Part says that the resource is kept as a part of the one with the address, such as
	// the boot disk of a machine.
	Part bool `json:"part,omitempty"`
	// Deposed says that another object took its place and that it is still to be destroyed.
	Deposed bool `json:"deposed,omitempty"`
}

// identity are the attributes by which resources of the types that metsuke knows are
// told apart. Anything else is not even decoded.
type identity struct {
	ID       plain `json:"id"`
	ARN      plain `json:"arn"`
	SelfLink plain `json:"self_link"`
	Number   plain `json:"number"`    // of a Google project
	Email    plain `json:"email"`     // of a Google service account
	FullName plain `json:"full_name"` // of a GitHub repository
}

// parts are the attributes that identify resources which are kept with another one.
type parts struct {
	Root []struct {
		VolumeID plain `json:"volume_id"`
	} `json:"root_block_device"` // aws_instance
	EBS []struct {
		VolumeID plain `json:"volume_id"`
	} `json:"ebs_block_device"` // aws_instance
	Boot []struct {
		Source plain `json:"source"`
	} `json:"boot_disk"` // google_compute_instance
}

// plain is a text; whatever else a state has in its place is "".
type plain string

// UnmarshalJSON implements json.Unmarshaler.
func (p *plain) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*p = plain(s)
	}
	return nil
}

// values are the attributes of a resource of a state.
type values struct {
	identity
	parts json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *values) UnmarshalJSON(b []byte) error {
	v.parts = bytes.Clone(b) // looked at again for two types only, then dropped
	return json.Unmarshal(b, &v.identity)
}

// Parse reads a state: as it lies in a backend (version 4), or as `terraform show -json`
// writes it. The errors say what is wrong and quote nothing.
func Parse(text []byte, name string) (State, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	var doc struct {
		Version       *int             `json:"version"`
		Encrypted     *json.RawMessage `json:"encrypted_data"` // OpenTofu's state encryption
		Resources     []rawResource    `json:"resources"`
		FormatVersion string           `json:"format_version"`
		Values        *struct {
			Root shownModule `json:"root_module"`
		} `json:"values"`
		Changes *json.RawMessage `json:"resource_changes"`
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return State{}, errors.New("the state is empty")
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) || bytes.IndexByte(text[:min(2, len(text))], 0) >= 0 {
		return State{}, errors.New("it is in UTF-16, as PowerShell writes it; save it as UTF-8")
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return State{}, errors.New("it is no JSON of a state: " + where(err))
	}
	out := State{Name: name}
	switch {
	case doc.Encrypted != nil:
		return State{}, errors.New("the state is encrypted; give the output of `tofu show -json`")
	case doc.Changes != nil:
		return State{}, errors.New("it is a plan, not a state")
	case doc.FormatVersion != "":
		if doc.FormatVersion != "0.1" && doc.FormatVersion != "0.2" && !strings.HasPrefix(doc.FormatVersion, "1.") {
			return State{}, fmt.Errorf("its format version is %q; 0.1, 0.2 and 1.x are known", doc.FormatVersion)
		}
		if doc.Values != nil {
			out.Entries = doc.Values.Root.entries(nil)
		}
	case doc.Version == nil:
		return State{}, errors.New("it is JSON, but no state: it has neither version nor format_version")
	case *doc.Version != 4:
		return State{}, fmt.Errorf("it has version %d; version 4 is known, which Terraform 0.12 and later write", *doc.Version)
	default:
		for _, r := range doc.Resources {
			out.Entries = append(out.Entries, r.entries()...)
		}
	}
	return out, nil
}

// where says what kind of mistake the JSON has, without the text.
func where(err error) string {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("byte %d cannot be read", syntax.Offset)
	case errors.As(err, &typ):
		return fmt.Sprintf("at byte %d there is a %s", typ.Offset, typ.Value)
	}
	return "it cannot be read"
}

// rawResource is a resource of a state as it lies in a backend.
type rawResource struct {
	Module    string `json:"module"`
	Mode      string `json:"mode"`
	Type      string `json:"type"`
	Name      string `json:"name"`
	Instances []struct {
		Key        any    `json:"index_key"` // a text, a number or nothing
		Deposed    string `json:"deposed"`   // its own key, "" for the object that counts
		Attributes values `json:"attributes"`
	} `json:"instances"`
}

func (r rawResource) entries() []Entry {
	if r.Mode != "managed" {
		return nil
	}
	address := r.Type + "." + r.Name
	if r.Module != "" {
		address = r.Module + "." + address
	}
	var out []Entry
	for _, i := range r.Instances {
		at := address
		switch key := i.Key.(type) {
		case string:
			at += "[" + strconv.Quote(key) + "]"
		case float64:
			at += "[" + strconv.FormatFloat(key, 'f', -1, 64) + "]"
		}
		out = append(out, entriesOf(at, r.Type, i.Deposed != "", i.Attributes)...)
	}
	return out
}

// shownModule is a module of a state as `terraform show -json` writes it.
type shownModule struct {
	Resources []struct {
		Address string `json:"address"`
		Mode    string `json:"mode"`
		Type    string `json:"type"`
		Deposed string `json:"deposed_key"`
		Values  values `json:"values"`
	} `json:"resources"`
	Children []shownModule `json:"child_modules"`
}

func (m shownModule) entries(out []Entry) []Entry {
	for _, r := range m.Resources {
		if r.Mode == "managed" {
			out = append(out, entriesOf(r.Address, r.Type, r.Deposed != "", r.Values)...)
		}
	}
	for _, c := range m.Children {
		out = c.entries(out)
	}
	return out
}

// entriesOf returns the entry of a resource and those of its parts.
func entriesOf(address, typ string, deposed bool, v values) []Entry {
	out := []Entry{{Address: address, Type: typ, Keys: v.keys(typ), Deposed: deposed}}
	part := func(typ string, id identity) {
		if id != (identity{}) {
			out = append(out, Entry{Address: address, Type: typ, Keys: id.keys(typ), Part: true, Deposed: deposed})
		}
	}
	if typ != "aws_instance" && typ != "google_compute_instance" {
		return out
	}
	var p parts
	if json.Unmarshal(v.parts, &p) != nil {
		return out
	}
	for _, b := range append(p.Root, p.EBS...) {
		part("aws_ebs_volume", identity{ID: b.VolumeID})
	}
	for _, b := range p.Boot {
		part("google_compute_disk", identity{SelfLink: b.Source})
	}
	return out
}
