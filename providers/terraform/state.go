package terraform

import (
	"io"
	"slices"
	"strconv"
	"strings"
)

// rerunState is how a state is written again.
const rerunState = "run `terraform show -json > state.json` (or `tofu show -json`) again"

// OpenState reads the outline of a state, which is the output of terraform show -json
// without a plan: its resources are described as they are. The file has to stay as it is
// until the last Collect. The error is an *Error when the file is not one whole state.
//
// A state has no configuration: nothing in it is unknown, and what configures a resource
// is found by its values alone. Tainted objects are described, because they are there;
// deposed ones are not, because another object has their address.
func OpenState(r io.ReaderAt, size int64, opt Options) (*Provider, error) {
	ix, err := readIndex(r, size, opt.Name, stateDocument())
	if err != nil {
		return nil, err
	}
	opt.Sources = nil // a state does not tell which files it was made from
	p, err := newProvider(r, ix, opt)
	if err != nil {
		return nil, err
	}
	c := p.collector()
	for i, e := range ix.entries {
		if e.flags&flagDeposed != 0 {
			p.note("an old object that the next apply destroys is not judged", c.load(i).address)
		}
	}
	return p, c.err
}

func stateDocument() document {
	return document{what: "state", rerun: rerunState, top: (*index).stateTop, check: (*index).refuseState}
}

// stateTop reads or skips one member of a state.
func (ix *index) stateTop(s *scanner, key string) error {
	switch key {
	case "values":
		return s.members(func(key string) error {
			if key != "root_module" {
				return s.skip()
			}
			return ix.stateModule(s)
		})
	case "format_version", "terraform_version":
		return ix.top(s, key)
	}
	return s.skip()
}

// members calls f for every member of an object; anything else is skipped.
func (s *scanner) members(f func(key string) error) error {
	if c, err := s.next(); err != nil || c != '{' {
		return cmpErr(err, s.skip)
	}
	return s.object(f)
}

// elements calls f for every element of an array; anything else is skipped.
func (s *scanner) elements(f func() error) error {
	if c, err := s.next(); err != nil || c != '[' {
		return cmpErr(err, s.skip)
	}
	return s.array(f)
}

// stateModule reads a module instance. Its address may come after its resources.
func (ix *index) stateModule(s *scanner) error {
	id := int32(len(ix.modules))
	ix.modules = append(ix.modules, "")
	return s.members(func(key string) error {
		switch key {
		case "address":
			b, _, err := s.raw()
			ix.modules[id] = text(b)
			return err
		case "resources":
			return s.elements(func() error { return ix.stateResource(s, id) })
		case "child_modules":
			return s.elements(func() error { return ix.stateModule(s) })
		}
		return s.skip()
	})
}

// stateResource notes one resource of a state.
func (ix *index) stateResource(s *scanner, module int32) error {
	b, offset, err := s.raw()
	if err != nil {
		return err
	}
	h := stateHeader(b, "")
	if h.typ == "" || h.name == "" {
		return &Error{
			Kind: NotState, File: s.name, Offset: offset, Line: lineAt(s.r, offset), Fix: rerunState,
			Why: "a resource lacks its type or name",
		}
	}
	e := entry{offset: offset, length: int32(len(b)), module: module, flags: flagSteady}
	typ := h.typ
	switch h.mode {
	case "managed", "":
	case "data":
		typ = "data." + typ
		e.flags |= flagData
	default:
		e.flags |= flagOther
	}
	if h.deposed {
		e.flags |= flagDeposed
	}
	if strings.HasPrefix(typ, "aws_") {
		if arn := strings.SplitN(text(member(h.after, "arn")), ":", 6); len(arn) == 6 && len(arn[4]) == 12 {
			ix.accounts[arn[4]] = true
		}
	}
	ix.add(e, typ)
	return nil
}

// stateHeader is parseHeader for a resource of a state, in the module instance.
func stateHeader(b []byte, module string) header {
	h := header{module: module, actions: []string{"no-op"}}
	members(b, func(k, v []byte) bool {
		switch string(k) {
		case "values":
			h.after = v
		case "sensitive_values":
			h.sensitiveMask = v
		case "deposed_key":
			h.deposed = len(v) > 2
		default:
			h.named(k, v)
		}
		return true
	})
	h.before, h.sensitiveBefore = h.after, h.sensitiveMask
	h.address = absolute(h)
	return h
}

// absolute returns the whole address of a resource. Terraform 0.12 writes it without the
// module and the key of the instance.
func absolute(h header) string {
	own := h.typ + "." + h.name
	if h.mode == "data" {
		own = "data." + own
	}
	switch k := h.index.(type) {
	case string:
		own += "[" + strconv.Quote(k) + "]"
	case int64:
		own += "[" + strconv.FormatInt(k, 10) + "]"
	}
	if h.module != "" {
		own = h.module + "." + own
	}
	// What Terraform writes is kept where it says as much: it quotes keys in its own way.
	whole := h.module == "" || strings.HasPrefix(h.address, h.module+".")
	if h.address != "" && whole && strings.HasSuffix(h.address, "]") == (h.index != nil) {
		return h.address
	}
	return own
}

// refuseState rejects a file that is JSON and no whole state of a known version.
func (ix *index) refuseState(s *scanner, seen map[string]bool) error {
	reject := func(kind Kind, why, fix string) error {
		return &Error{Kind: kind, File: s.name, Offset: -1, Why: why, Fix: fix}
	}
	plan := []string{"planned_values", "resource_changes", "output_changes", "configuration"}
	switch {
	case slices.ContainsFunc(plan, func(k string) bool { return seen[k] }):
		return reject(NotState, "this is a plan, not a state", "judge it without --state, or "+rerunState)
	case seen["encrypted_data"]:
		return reject(NotState, "this is a plan or a state that OpenTofu encrypted", "where the encryption is configured, run `tofu show -json > state.json`")
	case seen["lineage"]:
		return reject(NotState, "this is a state in Terraform's own format, not the output of terraform show", "run `terraform show -json` where the state is configured, or `terraform show -json STATEFILE`")
	case seen["@level"]:
		return reject(NotState, "this is a log of terraform, not a state", rerunState)
	case !seen["format_version"]:
		return reject(NotState, "this is JSON, but not a state: it lacks format_version", rerunState)
	case !knownFormat(ix.formatVersion):
		return reject(Version, "the state has format version "+quote(ix.formatVersion)+"; 0.1, 0.2 and 1.x are known", "use a newer release of this tool")
	}
	return nil
}
