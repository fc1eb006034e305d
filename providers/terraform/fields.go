package terraform

// fields is JSON text that a scanner has passed and of which several members are asked
// for: where they are is found once.
type fields struct {
	text    []byte
	spans   []span // of the members, in order; nil before the first question
	escaped bool   // a key is written with escapes
}

// span is where a member is in the text of its object: the key between its quotes, and
// the value.
type span struct{ key, keyEnd, value, end int32 }

// allTrue is the mask of what is unknown or sensitive as a whole.
func allTrue() fields { return fields{text: []byte("true")} }

func (f *fields) isTrue() bool { return isTrue(f.text) }

// member returns the value of the member, nil when there is none.
func (f *fields) member(key string) []byte {
	if f.spans == nil {
		f.find()
	}
	for i := range f.spans {
		s := &f.spans[i]
		if k := f.text[s.key:s.keyEnd]; string(k) == key || f.escaped && sameKey(k, key) {
			return f.text[s.value:s.end]
		}
	}
	return nil
}

func (f *fields) find() {
	f.spans = make([]span, 0, len(f.text)/32)
	walk(f.text, 0, func(key []byte, keyStart, i int) int {
		end := valueEnd(f.text, i)
		f.spans = append(f.spans, span{int32(keyStart), int32(keyStart + len(key)), int32(i), int32(end)})
		f.escaped = f.escaped || hasEscape(key)
		return end
	})
}
