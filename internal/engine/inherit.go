package engine

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// Inherit is a key of the tagging standard under which resources inherit the tag of what
// holds them, where they have none of their own.
type Inherit struct {
	Key   string             // as AWS spells it
	Names []string           // further names under which it counts where keys are not taken literally
	From  []providers.Holder // whose tags are inherited
}

// subject is a resource with the tags that it inherits: input.resource.
type subject struct {
	providers.Resource
	// inherited is input.resource.inherited_tags: objects with the key of the standard, the
	// name under which the holder has it and the value.
	inherited []any
	from      string // input.resource.inherited_from: whose tags they are
	// veiled are the indices of those of which the value is not known, and why.
	veiled map[int]providers.Reason
	// blind is why nothing is known of what is inherited; "" where something is.
	blind providers.Reason
}

// heritage is what a resource inherits, as far as that is known.
type heritage struct {
	certain []any  // elements of inherited_tags
	from    string // inherited_from
	open    []openTag
}

// openTag is a tag that the resource may inherit or not.
type openTag struct {
	key   string
	name  string           // under which the holder has it, where that is known
	value string           // likewise
	why   providers.Reason // why the holder's tags are not known; "" where the resource's own are not
	own   providers.Reason // why the resource's own tags are not known
}

// heritage returns what the resource inherits. A key that it has itself it does not inherit.
func (s *Session) heritage(r providers.Resource) heritage {
	holder := providers.HolderOf(r.Type)
	if len(s.inherit) == 0 || holder == "" {
		return heritage{}
	}
	var out heritage
	var tags *providers.HolderTags
	own := r.Unknown["tags"]
	for _, in := range s.inherit {
		if !slices.Contains(in.From, holder) || slices.ContainsFunc(tagKeys(r), func(k any) bool { return in.is(k.(string), holder) }) {
			continue
		}
		if tags == nil {
			t := r.Scope.TagsOf(holder)
			tags, out.from = &t, cmp.Or(t.Of, "the "+string(holder))
		}
		if tags.Unknown != "" {
			out.open = append(out.open, openTag{key: in.Key, name: in.Key, why: tags.Unknown})
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(tags.Tags)) {
			switch {
			case !in.is(name, holder):
			case own != "":
				out.open = append(out.open, openTag{key: in.Key, name: name, value: tags.Tags[name], own: own})
			default:
				out.certain = append(out.certain, inheritedTag(in.Key, name, tags.Tags[name]))
			}
		}
	}
	return out
}

func inheritedTag(key, name, value string) map[string]any {
	return map[string]any{"key": key, "name": name, "value": value}
}

// is reports whether the key of a tag is the key of the standard, by the rule of
// tags.carriers in policies/lib/tags.rego: AWS takes keys literally, labels of Google
// Cloud have no capitals.
func (in Inherit) is(key string, holder providers.Holder) bool {
	if holder == providers.Account {
		return key == in.Key
	}
	plain := plainKey(key)
	return plain == plainKey(in.Key) || slices.ContainsFunc(in.Names, func(n string) bool { return plain == plainKey(n) })
}

var keySeparators = regexp.MustCompile(`[ _.-]`)

func plainKey(key string) string { return keySeparators.ReplaceAllString(strings.ToLower(key), "") }

// with returns the resource as it is when it inherits those of the open tags of which the
// bit is set, and no others.
func (h heritage) with(r providers.Resource, chosen uint) subject {
	out := subject{Resource: r, inherited: h.certain, from: h.from}
	for i, t := range h.open {
		if chosen&(1<<i) == 0 {
			continue
		}
		out.inherited = append(slices.Clip(out.inherited), inheritedTag(t.key, t.name, t.value))
		if t.why != "" {
			if out.veiled == nil {
				out.veiled = map[int]providers.Reason{}
			}
			out.veiled[len(out.inherited)-1] = t.why
		}
	}
	return out
}

// why says what is not known of the open tags, and what to do about it.
func (h heritage) why() (path, message string, reason providers.Reason) {
	var keys []string
	for _, t := range h.open {
		if t.why == "" {
			return "tags", fmt.Sprintf("tags could not be read (%s)", t.own), t.own
		}
		reason = t.why
		if !slices.Contains(keys, t.key) {
			keys = append(keys, t.key)
		}
	}
	lacks := "it has no tag " + strings.Join(keys, " or ") + " of its own"
	switch reason {
	case providers.Outside, providers.Deferred:
		message = fmt.Sprintf("%s, and the plan does not tell whether %s has: set it on the resource or in the provider's defaults, or judge the plan --against an inventory that was taken with this tagging standard", lacks, h.from)
	case providers.Uncollected:
		message = fmt.Sprintf("%s, and the inventory was taken without the tags of %s: take it again with this tagging standard", lacks, h.from)
	default:
		message = fmt.Sprintf("%s, and the tags of %s could not be read (%s)", lacks, h.from, reason)
	}
	return inheritedPath, message, reason
}

// inheritedPath is the path of findings that depend on inherited tags, and of the gap where
// those could not be read.
const inheritedPath = "inherited_tags"

// unknowns are the values of inherited tags that are not known.
func (s subject) unknowns() []unknownPath {
	if s.blind != "" {
		return []unknownPath{{path: []string{"resource", inheritedPath}, reason: s.blind}}
	}
	var out []unknownPath
	for _, i := range slices.Sorted(maps.Keys(s.veiled)) {
		out = append(out, unknownPath{path: []string{"resource", inheritedPath, fmt.Sprint(i), "value"}, reason: s.veiled[i]})
	}
	return out
}
