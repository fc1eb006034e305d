package terraform

import (
	"slices"
	"strings"
)

// module is one module of the configuration, whatever its instances.
type module struct {
	parent    *module
	name      string                  // of its call
	call      *moduleCall             // nil for the root
	resources map[string]*configBlock // "aws_s3_bucket.b", "data.aws_region.r"
	byType    map[string][]string     // names of the resources, by type
	calls     map[string]*moduleCall
	outputs   map[string][]string // references of each output's expression
	sensitive map[string]bool     // input variables marked sensitive
}

// moduleCall is a module block.
type moduleCall struct {
	configBlock
	source string
	module *module
}

// configBlock is a resource or module block: where its expressions lie in the
// plan, and what its for_each or count refers to.
type configBlock struct {
	provider string // key into index.providers
	offset   int64  // of the expressions in the file
	length   int32
	repeat   []string // references of for_each or count
	counted  bool     // count, not for_each
	repeated bool     // either
}

// providerConfig is a provider block.
type providerConfig struct {
	module      string // module address, without instance keys
	expressions []byte
}

func newModule(parent *module, name string) *module {
	return &module{
		parent: parent, name: name, resources: map[string]*configBlock{}, byType: map[string][]string{},
		calls: map[string]*moduleCall{}, outputs: map[string][]string{}, sensitive: map[string]bool{},
	}
}

// link gives every module its call, once all are read.
func (m *module) link() {
	for _, c := range m.calls {
		c.module.call = c
		c.module.link()
	}
}

// find returns the module of a module instance, nil when the configuration has none.
func (m *module) find(calls []step) *module {
	for _, c := range calls {
		call := m.calls[c.name]
		if call == nil {
			return nil
		}
		m = call.module
	}
	return m
}

func (ix *index) configuration(s *scanner) error {
	return s.object(func(key string) error {
		switch key {
		case "provider_config":
			if c, err := s.next(); err != nil || c != '{' {
				return cmpErr(err, s.skip)
			}
			return s.object(func(name string) error {
				b, _, err := s.raw()
				ix.providers[name] = &providerConfig{module: text(member(b, "module_address")), expressions: slices.Clone(member(b, "expressions"))}
				return err
			})
		case "root_module":
			return ix.root.read(s)
		}
		return s.skip()
	})
}

func (m *module) read(s *scanner) error {
	if c, err := s.next(); err != nil || c != '{' {
		return cmpErr(err, s.skip)
	}
	return s.object(func(key string) error {
		c, err := s.next()
		if err != nil {
			return err
		}
		switch {
		case key == "resources" && c == '[':
			return s.array(func() error { return m.readResource(s) })
		case key == "module_calls" && c == '{':
			return s.object(func(name string) error { return m.readCall(s, name) })
		case key == "outputs" && c == '{':
			return s.object(func(name string) error {
				b, _, err := s.raw()
				m.outputs[name] = references(member(b, "expression"), nil)
				return err
			})
		case key == "variables" && c == '{':
			return s.object(func(name string) error {
				b, _, err := s.raw()
				if isTrue(member(b, "sensitive")) {
					m.sensitive[name] = true
				}
				return err
			})
		}
		return s.skip()
	})
}

func (m *module) readResource(s *scanner) error {
	b, offset, err := s.raw()
	if err != nil {
		return err
	}
	block := &configBlock{}
	var mode, typ, name string
	members(b, func(k, v []byte) bool {
		switch string(k) {
		case "mode":
			mode = text(v)
		case "type":
			typ = text(v)
		case "name":
			name = text(v)
		case "provider_config_key":
			block.provider = text(v)
		case "expressions":
			block.offset = offset + int64(cap(b)-cap(v)) // v is a part of b
			block.length = int32(len(v))
		case "for_each_expression":
			block.repeat, block.repeated = references(v, nil), true
		case "count_expression":
			block.repeat, block.repeated, block.counted = references(v, nil), true, true
		}
		return true
	})
	if mode != "managed" && mode != "" {
		typ = mode + "." + typ // data, ephemeral
	}
	if m.resources[typ+"."+name] == nil {
		m.byType[typ] = append(m.byType[typ], name)
	}
	m.resources[typ+"."+name] = block
	return nil
}

func (m *module) readCall(s *scanner, name string) error {
	call := &moduleCall{module: newModule(m, name)}
	if c, err := s.next(); err != nil || c != '{' {
		return cmpErr(err, s.skip)
	}
	err := s.object(func(key string) error {
		if key == "module" {
			return call.module.read(s)
		}
		b, offset, err := s.raw()
		switch key {
		case "source":
			call.source = text(b)
		case "expressions":
			call.offset, call.length = offset, int32(len(b))
		case "for_each_expression":
			call.repeat, call.repeated = references(b, nil), true
		case "count_expression":
			call.repeat, call.repeated, call.counted = references(b, nil), true, true
		}
		return err
	})
	m.calls[name] = call
	return err
}

// references collects the references of an expression and of all below it, in
// order. A traversal comes first as a whole and then shortened step by step; the
// shortened ones are left out.
func references(b []byte, out []string) []string {
	if len(b) == 0 {
		return out
	}
	if b[0] == '[' {
		elements(b, func(v []byte) bool { out = references(v, out); return true })
		return out
	}
	members(b, func(k, v []byte) bool {
		if string(k) != "references" {
			if string(k) != "constant_value" {
				out = references(v, out)
			}
			return true
		}
		last := ""
		elements(v, func(r []byte) bool {
			ref := text(r)
			if ref != last && strings.HasPrefix(last, ref) && strings.IndexAny(last[len(ref):len(ref)+1], ".[") == 0 {
				last = ref
				return true
			}
			last = ref
			out = append(out, ref)
			return true
		})
		return true
	})
	return out
}

// configurations returns how many configurations of a provider the plan has.
func (ix *index) configurations(name string) int {
	n := 0
	for key := range ix.providers {
		if _, own, ok := strings.Cut(key, ":"); ok {
			key = own // module.a:aws
		}
		if base, _, _ := strings.Cut(key, "."); base == name {
			n++
		}
	}
	return n
}
