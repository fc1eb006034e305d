package yamlfile

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// resolve puts what is meant in the place of anchors, aliases, merge keys (<<) and tags:
// paths do not lead through them.
func resolve(f *ast.File) {
	r := resolver{}
	for _, d := range f.Docs {
		d.Body = r.plain(d.Body)
	}
}

// resolver knows what anchors stand for, by their names.
type resolver map[string]ast.Node

func (r resolver) plain(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.MappingNode:
		r.mapping(n)
	case *ast.MappingValueNode:
		n.Value = r.plain(n.Value)
	case *ast.SequenceNode:
		for i := range n.Values {
			n.Values[i] = r.plain(n.Values[i])
		}
	case *ast.TagNode:
		return r.plain(n.Value)
	case *ast.AnchorNode:
		value := r.plain(n.Value)
		r[n.Name.GetToken().Value] = value
		return value
	case *ast.AliasNode:
		if to := r[n.Value.GetToken().Value]; to != nil {
			return to
		}
	}
	return n
}

// mapping resolves the values of a section. Merged ones come last: a key of the section's
// own is found first.
func (r resolver) mapping(n *ast.MappingNode) {
	var own, merged []*ast.MappingValueNode
	for _, v := range n.Values {
		v.Value = r.plain(v.Value)
		from, isSection := v.Value.(*ast.MappingNode)
		if _, isMerge := v.Key.(*ast.MergeKeyNode); isMerge && isSection {
			merged = append(merged, from.Values...)
		} else {
			own = append(own, v)
		}
	}
	n.Values = slices.Concat(own, merged)
}
