package terraform

import (
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// mapping says how resources of one model type come out of a plan. The package
// documentation has a worked example.
type mapping struct {
	// typ is the model type, and the Terraform type that is the same thing.
	typ providers.Type
	// also are further Terraform types that are the same thing: aws_alb of aws_lb.
	also []string
	// satellites are the Terraform types that configure a resource of this type.
	satellites []satellite
	// attributes gives an attribute of the schema its value. One that is not here
	// is the Terraform attribute of the same name. A value may hold unknowns at any
	// depth; it is brought into the shape of the schema afterwards (see shaper.shape):
	// lists of one become objects, what the schema does not name is left out.
	attributes map[string]func(n *node) any
	// name is the Terraform attribute that people call the resource by; "" is "name".
	name string
	// called overrides what people call the resource by, where policies know one by its
	// name: nothing but that one may have it. "" is name again.
	called func(n *node) string
	// region overrides how the region is found: text, nil for a global resource, or an
	// unknown.
	region func(n *node) any
	// inside are blocks of other Terraform types that are resources of this type: the
	// disks that are written within a machine. It returns them for one resource.
	inside map[string]func(n *node) []*node
	// without takes from a live resource's list what the plan says of the same elements,
	// by attribute, where elements are not simply equal (see Complete).
	without map[string]func(live, planned []any) []any
	// settled are attributes that the live self of a resource tells where the plan does not
	// (see settlement). Nothing in a plan may bear on one of them but the resource itself,
	// its satellites, and what the attribute's function looks at.
	settled []string
	// assumed are settled attributes that are null in a plan which says nothing of them,
	// although only the live account tells.
	assumed []string
	// ordered are attributes of which the blocks have the same order in the sources, in the
	// plan and in the model: lists of the provider's schema, not sets.
	ordered []string
	// tags overrides how the tags are found: an object of strings, or an unknown.
	tags func(n *node) any
}

// satellite is a Terraform type that configures another resource. It is never
// emitted: it is folded into the resource that it configures.
type satellite struct {
	// typ is the Terraform type.
	typ string
	// ref is its attribute that names the resource, or a list of them.
	ref string
	// by are the attributes of the resource that ref may hold: "id", "bucket", "arn".
	by []string
	// affects are all attributes of the model that depend on satellites of this
	// type. They are unknown where it cannot be told which resource one configures.
	affects []string
	// alone says that a satellite is judged even when the resource that it configures
	// is not in the plan: as a resource of the type, with the satellite's address, of
	// which nothing is known but what the satellite says (n.outside). It is for what is
	// dangerous by itself, such as a rule that opens a port.
	alone bool
	// optional says that a satellite whose resource is not in the plan is no loss: it
	// is judged elsewhere, and no note is made of it.
	optional bool
}

// ends and through make a satellite the goal of a search for its resource.
type parentGoal struct {
	m *mapping
	s satellite
}

func (g parentGoal) ends(typ, attribute string) (is, sure bool) {
	is = typ == string(g.m.typ) || slices.Contains(g.m.also, typ)
	return is, is && (attribute == "" || slices.Contains(g.s.by, attribute))
}

// through follows the habit of referring to one satellite by another, such as
// bucket = aws_s3_bucket_versioning.v.bucket.
func (g parentGoal) through(typ, attribute string) (string, bool) {
	for _, s := range g.m.satellites {
		if s.typ == typ && (attribute == s.ref || attribute == "id") {
			return s.ref, true
		}
	}
	return "", false
}
