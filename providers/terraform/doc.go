// Package terraform reads the JSON of a Terraform or OpenTofu plan
// (terraform show -json) as a provider like any other: each planned resource is
// handed over in the model that the live account fills too, so that the same
// policies judge both. A plan is one scope; its resources' ids are their Terraform
// addresses. The package does not run Terraform, does not judge, and does not read
// a state.
//
// Resources are described as they are after the apply. What is destroyed or
// forgotten is not emitted; what is forgotten stays where it is and still configures
// other resources. A value that the plan does not tell is Unknown: deferred when it is
// known only after the apply, sensitive when Terraform marks it so; sensitive values
// are not even decoded.
//
// # Before and after
//
// Before returns the resources as they are before the apply, for telling what a plan
// brings from what was there (view.go). Mappings need not know which view they serve:
// before the apply nothing is new, changes or goes away, every value is known, and the
// satellites are those that are there then. While Collect describes the resources after
// the apply it notes which of them looked at something that the plan changes
// (collector.touched); the others are the same in both views and are read once.
//
// # How a plan is read
//
// Open passes over the file once (scanner.go): it checks the syntax of all of it,
// remembers where each resource change lies (index.go) and keeps the configuration's
// references (config.go). Collect then reads the resource changes of the wanted
// types again, one by one, and decodes the wanted attributes only. Memory is bounded
// by the satellites and the configuration, not by the plan.
//
// # Adding a type
//
// A type is one file with one function, named in mappings(). This is the whole of
// SQS queues:
//
//	func awsSQSQueue() mapping {
//		return mapping{
//			typ: "aws_sqs_queue",
//			satellites: []satellite{
//				{typ: "aws_sqs_queue_policy", ref: "queue_url", by: []string{"id", "url"}, affects: []string{"policy"}, alone: true},
//			},
//			attributes: map[string]func(n *node) any{
//				"policy": func(n *node) any {
//					if s := n.only("aws_sqs_queue_policy"); s != nil {
//						return s.document("policy")
//					}
//					return n.inlineDocument("aws_sqs_queue_policy")
//				},
//			},
//		}
//	}
//
// The schema policies/schemas/aws_sqs_queue.json names three attributes. Two of
// them, kms_master_key_id and sqs_managed_sse_enabled, are Terraform attributes of
// the same name and need no code. What the schema shapes is not the mapping's work
// either: a block that Terraform writes as a list of one comes out as an object, an
// empty one as null, "" as null where the schema has null, "5" as a number where it
// wants one, and members that it does not name are left out. A null where the schema
// allows none is an unknown, not a null: set the provider's default in the mapping if
// it is certain.
//
// An attribute of the schema that is neither in attributes nor in the plan's resource
// is unknown (deferred): only the live resource tells. To say that it is null in a
// plan, map it to a function that returns nil.
//
// Name in settled what a live resource may tell in its place when a plan is judged beside
// an inventory (settle.go says when that is sound).
//
// Satellites are resources that configure another one. They are found by the value
// of ref, or before the value is known by what the configuration's expression for ref
// refers to, through modules, count and for_each. If that leaves open which resource
// is meant, affects become unknown in all that may be meant; so affects has to name
// every attribute that reads the satellite. A satellite that the plan deletes is not
// folded (n.removed tells). One whose resource is not in the plan is not judged, and
// a note says so, unless alone asks for it: then a stand-in for the resource is
// emitted, of which everything else is unknown for being outside of the plan (n.outside
// tells); policies that read nothing else do not apply to it.
//
// Values hold unknowns at any depth. Functions that compute go through then and each,
// which leave unknowns alone; a value taken over whole needs no care. Of lists of
// which any element may matter, keep the unknown elements. The accessors:
//
//	n.at("rule", 0, "status")          a value of the resource, nil where there is none
//	n.has("tags_all")                  whether the resource has the attribute, known or not
//	n.configured("versioning")         whether the configuration sets it
//	n.inline("policy", "aws_..._policy") an attribute that satellites configure as well
//	n.only(t), n.all(t), n.removed(t)  its satellites
//	n.refs("vpc_id")                   the planned resources that the value will come from
//	n.provider("region")               an argument of its provider block
//	at(v, ...), then, each, or         the same for values that are in hand
//	n.beside("aws_s3_account_...")     the settings of the same account in the plan
//	n.document("policy")               an AWS policy document in normal form
//
// An attribute that refers to another planned resource is its value where the plan
// knows it, unknown (deferred) where it does not; what is asked of the other resource
// goes through n.refs, which works before ids exist.
//
// Tags come from tags_all (AWS), effective_labels (Google), tags or labels; the
// region from the resource, its ARN or the provider block; where none of them tells it,
// it is unknown. A mapping can override both.
package terraform
