package engine

// emptyStep returns an empty step of the kind that a word of a planText stands for; nil
// where it stands for none.
func emptyStep(word string) step {
	switch word {
	case "return":
		return &returning{}
	case "call":
		return &call{}
	case "builtin":
		return &callBuiltin{}
	case "load":
		return &load{}
	case "present":
		return &present{}
	case "setting":
		return &setting{}
	case "block":
		return &nested{}
	case "break":
		return &breaking{}
	case "dot":
		return &dot{}
	case "len":
		return &length{}
	case "scan":
		return &scan{}
	case "not":
		return &negation{}
	case "assign":
		return &assign{}
	case "once":
		return &assignOnce{}
	case "reset":
		return &reset{}
	case "eq":
		return &equality{same: true}
	case "ne":
		return &equality{}
	case "defined":
		return &defined{}
	case "undefined":
		return &undefined{}
	default:
		return emptyCollectionStep(word)
	}
}

// emptyCollectionStep does so for the steps about arrays, objects and sets.
func emptyCollectionStep(word string) step {
	switch word {
	case "array":
		return &makeArray{}
	case "object":
		return &makeObject{}
	case "set":
		return &makeSet{}
	case "isarray":
		return &isArray{}
	case "isobject":
		return &isObject{}
	case "isset":
		return &isSet{}
	case "append":
		return &arrayAppend{}
	case "insert":
		return &objectInsert{}
	case "insertonce":
		return &objectInsert{once: true}
	case "add":
		return &setAdd{}
	}
	return nil
}

// wordOf returns the word for a step.
func wordOf(s step) string {
	switch s := s.(type) {
	case *returning:
		return "return"
	case *call:
		return "call"
	case *callBuiltin:
		return "builtin"
	case *load:
		return "load"
	case *present:
		return "present"
	case *setting:
		return "setting"
	case *nested:
		return "block"
	case *breaking:
		return "break"
	case *dot:
		return "dot"
	case *length:
		return "len"
	case *scan:
		return "scan"
	case *negation:
		return "not"
	case *assign:
		return "assign"
	case *assignOnce:
		return "once"
	case *reset:
		return "reset"
	case *equality:
		if s.same {
			return "eq"
		}
		return "ne"
	case *defined:
		return "defined"
	case *undefined:
		return "undefined"
	default:
		return wordOfCollection(s)
	}
}

func wordOfCollection(s step) string {
	switch s := s.(type) {
	case *makeArray:
		return "array"
	case *makeObject:
		return "object"
	case *makeSet:
		return "set"
	case *isArray:
		return "isarray"
	case *isObject:
		return "isobject"
	case *isSet:
		return "isset"
	case *arrayAppend:
		return "append"
	case *objectInsert:
		if s.once {
			return "insertonce"
		}
		return "insert"
	case *setAdd:
		return "add"
	}
	return ""
}

// fields writes or reads what a step consists of.
func (t *planText) fields(s step) {
	switch s := s.(type) {
	case *returning:
		t.local(&s.local)
	case *call:
		t.callee(&s.fn)
		t.operands(&s.args)
		t.local(&s.result)
	case *callBuiltin:
		t.builtin(s)
		t.operands(&s.args)
		t.local(&s.result)
	case *load:
		t.input(&s.in)
		t.local(&s.target)
	case *present:
		t.input(&s.in)
	case *setting:
		words(t, &s.path)
		t.localOrNone(&s.target)
	case *nested:
		list(t, &s.blocks, t.block)
	case *breaking:
		integer(t, &s.to)
	case *dot:
		t.operand(&s.source)
		t.operand(&s.key)
		t.local(&s.target)
	case *length:
		t.operand(&s.source)
		t.local(&s.target)
	case *scan:
		t.local(&s.source)
		t.local(&s.key)
		t.local(&s.value)
		t.block(&s.body)
	case *negation:
		t.localOrNone(&s.reset)
		t.block(&s.body)
	case *assign:
		t.operand(&s.source)
		t.local(&s.target)
	case *assignOnce:
		t.operand(&s.source)
		t.local(&s.target)
	case *reset:
		t.local(&s.local)
	case *equality:
		t.operand(&s.a)
		t.operand(&s.b)
	case *defined:
		t.local(&s.local)
	case *undefined:
		t.local(&s.local)
	default:
		t.collectionFields(s)
	}
}

func (t *planText) collectionFields(s step) {
	switch s := s.(type) {
	case *makeArray:
		t.local(&s.target)
	case *makeObject:
		t.local(&s.target)
	case *makeSet:
		t.local(&s.target)
	case *isArray:
		t.operand(&s.source)
	case *isObject:
		t.operand(&s.source)
	case *isSet:
		t.operand(&s.source)
	case *arrayAppend:
		t.operand(&s.value)
		t.local(&s.array)
	case *objectInsert:
		t.operand(&s.key)
		t.operand(&s.value)
		t.local(&s.object)
	case *setAdd:
		t.operand(&s.value)
		t.local(&s.set)
	default:
		t.fail("%T", s)
	}
}
