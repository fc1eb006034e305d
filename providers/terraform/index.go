package terraform

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
)

// entry is where one resource change lies in the file. It is small because
// there is one for every resource of the plan.
type entry struct {
	offset int64
	length int32
	typ    int32 // index into index.types
	module int32 // of a state: index into index.modules
	flags  uint8
}

const (
	flagDeposed   uint8 = 1 << iota // an old object on its way out, beside the resource
	flagGone                        // deleted, or no longer managed
	flagData                        // a data source
	flagOther                       // neither managed nor data: ephemeral
	flagImporting                   // comes into the state by this plan
	flagNew                         // nothing was there before
	flagForgotten                   // no longer managed, but still there; flagGone too
	flagSteady                      // nothing changes, whether or not it is imported or forgotten
)

// index is what one pass over the plan tells.
type index struct {
	common  common // while it is read
	entries []entry
	types   []string         // Terraform types, data sources with the prefix "data."
	typeIDs map[string]int32 // their place in types
	byType  map[string][]int // indices into entries, in the order of the file
	actions map[string]int   // resource changes by action, data sources and deposed objects left out
	altered map[string]bool  // Terraform types of which the plan makes, changes or takes away a resource

	what             string // plan or state
	formatVersion    string
	terraformVersion string
	errored          bool
	failedChecks     bool
	incomplete       bool // the plan says that it leaves something out
	saysComplete     bool // the plan says whether it does
	absence          absence
	root             *module
	providers        map[string]*providerConfig
	variables        map[string][]byte // root input variables: JSON text of their values
	secrets          []string          // texts that those hold which are sensitive

	modules  []string        // of a state: addresses of its modules, see entry.module
	accounts map[string]bool // of a state: ids of the AWS accounts that its resources name
}

// document is what a file is read as.
type document struct {
	what  string // plan or state
	rerun string // how to write it again
	top   func(ix *index, s *scanner, key string) error
	check func(ix *index, s *scanner, seen map[string]bool) error
}

func planDocument() document {
	return document{what: "plan", rerun: rerun, top: (*index).top, check: (*index).refuse}
}

// readIndex passes over the whole file once.
func readIndex(r io.ReaderAt, size int64, name string, doc document) (*index, error) {
	s := newScanner(r, size, name, doc)
	if err := refuseEncodings(s); err != nil {
		return nil, err
	}
	c, err := s.peek()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &Error{Kind: Empty, File: name, Offset: -1, Why: "the " + doc.what + " is empty", Fix: doc.rerun}
	case err != nil:
		return nil, err
	case c == '[' && bytes.HasPrefix(s.buf[s.pos:], []byte("[command]")):
		return nil, s.fail(NotPlan, "set terraform_wrapper: false where hashicorp/setup-terraform is used", "a wrapper of terraform wrote the command above the plan")
	case c != '{':
		return nil, s.fail(Syntax, doc.rerun, "this is not a %s: found %q where '{' was expected", doc.what, c)
	}
	ix := &index{
		what:    doc.what,
		common:  common{},
		typeIDs: map[string]int32{}, byType: map[string][]int{}, actions: map[string]int{}, altered: map[string]bool{},
		absence: newAbsence(), root: newModule(nil, ""), providers: map[string]*providerConfig{}, variables: map[string][]byte{}, accounts: map[string]bool{},
	}
	seen := map[string]bool{}
	err = s.object(func(key string) error {
		if seen[key] {
			return s.fail(Syntax, doc.rerun, "the member %q occurs twice", key)
		}
		seen[key] = true
		return doc.top(ix, s, key)
	})
	if err != nil {
		return nil, err
	}
	if c, err := s.peek(); err == nil {
		fix := "give every " + doc.what + " to its own run"
		if seen["@level"] || seen["@message"] {
			return nil, s.fail(NotPlan, "save the plan with `terraform plan -out PLANFILE` and "+rerun, "this is the log of `terraform plan -json`, not a plan")
		}
		if c != '{' {
			return nil, s.fail(Concatenated, "save only what the command writes to standard output, or "+doc.rerun, "something else (%q) follows the %s, which is no part of it", c, doc.what)
		}
		return nil, s.fail(Concatenated, fix, "a second value (%q) follows the %s: several %ss in one file", c, doc.what, doc.what)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := doc.check(ix, s, seen); err != nil {
		return nil, err
	}
	ix.root.link()
	ix.findSecrets()
	ix.common = nil
	return ix, nil
}

// refuseEncodings recognises files that never were JSON in UTF-8.
func refuseEncodings(s *scanner) error {
	if err := s.fill(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	head := string(s.buf[:min(len(s.buf), 4)])
	windows := "in PowerShell, pipe the output of terraform show -json through `Out-File -Encoding utf8 " + s.doc.what + ".json`"
	switch {
	case strings.HasPrefix(head, "\xff\xfe"), strings.HasPrefix(head, "\xfe\xff"):
		return s.fail(Encoding, windows, "the %s is encoded in UTF-16", s.doc.what)
	case len(head) > 1 && (head[0] == 0 || head[1] == 0):
		return s.fail(Encoding, windows, "the %s is encoded in UTF-16 without a mark", s.doc.what)
	case strings.HasPrefix(head, "\xef\xbb\xbf"):
		s.pos = 3 // a UTF-8 mark is harmless
	case strings.HasPrefix(head, "PK\x03\x04"):
		return s.fail(NotPlan, s.doc.rerun, "this is a saved plan in Terraform's own format, not JSON")
	}
	return nil
}

// refuse rejects a file that is JSON and no whole plan of a known version.
func (ix *index) refuse(s *scanner, seen map[string]bool) error {
	reject := func(kind Kind, why, fix string) error {
		return &Error{Kind: kind, File: s.name, Offset: -1, Why: why, Fix: fix}
	}
	isPlan := seen["planned_values"] || seen["resource_changes"] || seen["output_changes"] || seen["configuration"]
	switch {
	case seen["encrypted_data"]:
		return reject(NotPlan, "this is a plan or a state that OpenTofu encrypted", "where the encryption is configured, run `tofu show -json PLANFILE > plan.json`")
	case seen["lineage"] || seen["values"] && !isPlan:
		return reject(State, "this is a state, not a plan", "judge it with --state, or run `terraform plan -out PLANFILE` and `terraform show -json PLANFILE` for a plan")
	case seen["@level"]:
		return reject(NotPlan, "this is the log of `terraform plan -json`, not a plan", "save the plan with `terraform plan -out PLANFILE` and "+rerun)
	case !seen["format_version"] || !isPlan:
		return reject(NotPlan, "this is JSON, but not a plan: it lacks format_version or planned values", rerun)
	case !knownFormat(ix.formatVersion):
		return reject(Version, "the plan has format version "+quote(ix.formatVersion)+"; 0.1, 0.2 and 1.x are known", "use a newer release of this tool")
	case ix.errored, ix.failedChecks && !seen["errored"]:
		return reject(FailedRun, "the plan comes from a run that failed, so it lacks resources", "mend the errors of `terraform plan` and save the plan again")
	}
	return nil
}

func knownFormat(version string) bool {
	return version == "0.1" || version == "0.2" || version == "1" || strings.HasPrefix(version, "1.")
}

func quote(s string) string { return `"` + s + `"` }

// top reads or skips one member of the plan.
func (ix *index) top(s *scanner, key string) error {
	switch key {
	case "resource_changes":
		if c, err := s.next(); err != nil || c == 'n' {
			return cmpErr(err, s.skip)
		}
		return s.array(func() error { return ix.change(s) })
	case "configuration":
		if c, err := s.next(); err != nil || c != '{' {
			return cmpErr(err, s.skip)
		}
		return ix.configuration(s)
	case "variables":
		if c, err := s.next(); err != nil || c != '{' {
			return cmpErr(err, s.skip)
		}
		return s.object(func(name string) error {
			b, _, err := s.raw()
			ix.variables[name] = slices.Clone(member(b, "value"))
			return err
		})
	case "format_version", "terraform_version", "errored", "complete", "deferred_changes", "checks":
		b, _, err := s.raw()
		switch key {
		case "format_version":
			ix.formatVersion = text(b)
		case "terraform_version":
			ix.terraformVersion = text(b)
		case "errored":
			ix.errored = isTrue(b)
		case "checks":
			ix.failedChecks = failedChecks(b)
		case "complete":
			ix.saysComplete = true
			ix.incomplete = ix.incomplete || string(b) == "false"
		case "deferred_changes":
			ix.incomplete = ix.incomplete || len(list(b)) > 0
		}
		return err
	}
	return s.skip()
}

func cmpErr(err error, otherwise func() error) error {
	if err != nil {
		return err
	}
	return otherwise()
}

// change notes one resource change.
func (ix *index) change(s *scanner) error {
	b, offset, err := s.raw()
	if err != nil {
		return err
	}
	h := parseHeader(b, ix.common)
	if h.typ == "" || h.address == "" || len(h.actions) == 0 {
		return &Error{
			Kind: NotPlan, File: s.name, Offset: offset, Line: lineAt(s.r, offset), Fix: rerun,
			Why: "a resource change lacks its address, type or actions",
		}
	}
	e := entry{offset: offset, length: int32(len(b))}
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
	if h.importing {
		e.flags |= flagImporting
	}
	action := h.action()
	switch {
	case action == "delete":
		e.flags |= flagGone
	case action == "forget":
		e.flags |= flagGone | flagForgotten | flagSteady
	case h.actions[0] == "no-op":
		e.flags |= flagSteady
	}
	if action == "create" || len(h.before) == 0 || h.before[0] == 'n' || action == "replace" && slices.Contains(h.actions, "forget") {
		e.flags |= flagNew // what is replaced by forgetting it stays, and is nothing of the new one's
	}
	if e.flags&(flagData|flagOther|flagDeposed) == 0 {
		ix.actions[action]++
		ix.absence.saw(h.address)
	}
	ix.add(e, typ)
	return nil
}

// add puts a resource into the index. The type may point into the text.
func (ix *index) add(e entry, typ string) {
	id, ok := ix.typeIDs[typ]
	if !ok {
		id = int32(len(ix.types))
		typ = strings.Clone(typ)
		ix.types = append(ix.types, typ)
		ix.typeIDs[typ] = id
	}
	e.typ = id
	typ = ix.types[id]
	ix.byType[typ] = append(ix.byType[typ], len(ix.entries))
	if !e.steady() && e.flags&(flagOther|flagDeposed) == 0 {
		ix.altered[typ] = true
	}
	ix.entries = append(ix.entries, e)
}

// header is what a resource change says about itself. Its strings are copies,
// the rest points into the text.
type header struct {
	address, module, mode, typ, name string
	index                            any
	actions                          []string
	deposed, importing               bool

	before, after, unknownMask     []byte
	sensitiveBefore, sensitiveMask []byte
}

func parseHeader(b []byte, in common) header {
	var h header
	walk(b, 0, func(k []byte, _, i int) int {
		if string(k) == "change" {
			return h.change(b, i, in)
		}
		end := valueEnd(b, i)
		switch v := b[i:end]; string(k) {
		case "module_address":
			h.module = in.text(v)
		case "mode":
			h.mode = in.text(v)
		case "type":
			h.typ = in.text(v)
		case "deposed":
			h.deposed = len(v) > 2
		default:
			h.named(k, v)
		}
		return end
	})
	return h
}

// indexOf returns the key of an instance, nil where it has none.
func indexOf(b []byte) any {
	if len(b) == 0 || b[0] == '{' || b[0] == '[' || b[0] == 'n' {
		return nil
	}
	return decode(b, nil, nil)
}

// named takes what a resource is called, in a plan and in a state alike.
func (h *header) named(k, v []byte) {
	switch string(k) {
	case "address":
		h.address = text(v)
	case "mode":
		h.mode = text(v)
	case "type":
		h.typ = text(v)
	case "name":
		h.name = text(v)
	case "index":
		h.index = indexOf(v)
	}
}

// change takes the change that begins at b[i] and returns the index behind it.
func (h *header) change(b []byte, i int, in common) int {
	return walk(b, i, func(k []byte, _, i int) int {
		end := valueEnd(b, i)
		switch v := b[i:end]; string(k) {
		case "actions":
			elements(v, func(a []byte) bool { h.actions = append(h.actions, in.text(a)); return true })
		case "before":
			h.before = v
		case "after":
			h.after = v
		case "after_unknown":
			h.unknownMask = v
		case "before_sensitive":
			h.sensitiveBefore = v
		case "after_sensitive":
			h.sensitiveMask = v
		case "importing":
			h.importing = string(v) != "null"
		}
		return end
	})
}

// action says in one word what the plan does with the resource.
func (h *header) action() string {
	has := func(a string) bool { return slices.Contains(h.actions, a) }
	switch {
	case has("create") && (has("delete") || has("forget")):
		return "replace"
	case h.importing && (has("no-op") || has("update")):
		return "import"
	}
	return h.actions[0]
}

// managed returns the Terraform types of the managed resources in the plan, sorted.
func (ix *index) managed() []string {
	out := slices.Collect(maps.Keys(ix.byType))
	out = slices.DeleteFunc(out, func(t string) bool { return strings.HasPrefix(t, "data.") })
	slices.Sort(out)
	return out
}
