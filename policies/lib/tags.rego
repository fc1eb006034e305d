# Tags, whatever a provider calls them: AWS tags, Google Cloud labels, GitHub custom
# properties. Keys and values are compared exactly unless a function says otherwise.
# Functions take the keys or one value, never the tags as a whole: keys are known of
# most tags whose values are not.
package metsuke.lib.tags

# normal is a key without case and separators: CostCenter, cost-center and cost_center
# are the same key, written differently.
normal(key) := regex.replace(lower(key), `[ _.-]`, "")

# user_keys are the keys that people set; those of the clouds' own services are not
# counted as tags anywhere.
user_keys(keys) := {key | some key in keys; not reserved(key)}

# reserved says that a cloud sets the key itself.
reserved(key) if startswith(lower(key), "aws:")

reserved(key) if startswith(key, "goog-")

# style is how a provider writes keys, by the resource type: exact where it allows any
# spelling, snake where it allows lower case only (Google Cloud labels) or where no
# case can be relied upon (GitHub custom properties).
style(type) := "snake" if startswith(type, "google_")

style(type) := "snake" if startswith(type, "github_")

style(type) := "exact" if {
	not startswith(type, "google_")
	not startswith(type, "github_")
}

# spelling is how the key of the tagging standard is written on a resource of the
# type: CostCenter on AWS, cost_center on Google Cloud and GitHub.
spelling(key, type) := key if style(type) == "exact"

spelling(key, type) := snake(key) if style(type) == "snake"

# snake writes a key in lower case with underscores: CostCenter and cost-center are
# cost_center, DBOwner is db_owner.
snake(key) := lower(regex.replace(
	regex.replace(
		regex.replace(key, `([A-Z]+)([A-Z][a-z])`, "${1}_$2"),
		`([a-z0-9])([A-Z])`,
		"${1}_$2",
	),
	`[ .-]+`,
	"_",
))

# carries says that a key of the standard is among the keys. On AWS that is the exact
# key, elsewhere any way of writing it, and any of its other names.
carries(keys, key, names, type) if count(carriers(keys, key, names, type)) > 0

# carriers are those of the keys that are a key of the standard: one, most often.
carriers(keys, key, _, type) := {written | some written in keys; written == key} if style(type) == "exact"

carriers(keys, key, names, type) := {written |
	some written in keys
	some name in array.concat([key], object.get(names, key, []))
	normal(written) == normal(name)
} if style(type) == "snake"

# inherits says that a key of the standard is among those of the tags that a resource
# inherits: input.resource.inherited_tags, each with its key, name and value.
inherits(tags, key) if {
	some tag in tags
	tag.key == key
}

# spelt are the keys that are the given one, however they are written.
spelt(keys, key) := {written | some written in keys; normal(written) == normal(key)}

# is says that the value of a tag is one of the options, ignoring case and
# surrounding spaces: what kind of environment a resource belongs to, for example.
is(value, options) if {
	some option in options
	lower(trim_space(value)) == lower(option)
}

# for_type is the entry of a map that speaks for the resource type: the one with its
# name, else the longest pattern that matches it (google_*), else the general one.
for_type(by_type, _, type) := by_type[type] if type in object.keys(by_type)

for_type(by_type, general, type) := by_type[best] if {
	not type in object.keys(by_type)
	best := longest(matching(by_type, type))
} else := general if {
	not type in object.keys(by_type)
}

matching(by_type, type) := [[count(pattern), pattern] |
	some pattern in object.keys(by_type)
	glob.match(pattern, [], type)
]

longest(patterns) := sort(patterns)[count(patterns) - 1][1] if count(patterns) > 0

# selected says that a list of types or patterns names the type and another does not.
selected(type, only, except) if {
	some pattern in only
	glob.match(pattern, [], type)
	not excepted(type, except)
}

excepted(type, except) if {
	some pattern in except
	glob.match(pattern, [], type)
}

# of_a_service says that a cloud service made the resource for itself and takes it away
# again, so that nobody can tag it for good: AWS roles that are linked to a service or
# to single sign-on, nodes of GKE and Dataproc, and what carries nothing but the tags
# of an AWS service. Stacks and products are deployed by people, who can tag them.
of_a_service(id, _) if {
	contains(id, ":role/aws-")
	regex.match(`:role/aws-(service-role|reserved)/`, id)
}

of_a_service(_, keys) if tagged_by_a_service(keys)

# tagged_by_a_service takes nothing that only one resource has, so that what it says of
# some keys is known for all resources with these.
tagged_by_a_service(keys) if {
	some key in keys
	regex.match(`^goog-(gke|dataproc)-`, key)
}

tagged_by_a_service(keys) if {
	count(keys) > 0
	every key in keys {
		startswith(lower(key), "aws:")
		not regex.match(`^aws:(cloudformation|servicecatalog):`, lower(key))
	}
}

# came_with_the_account says that AWS made the resource in every Region: the default
# VPC, as long as nobody gave it a name, and default security groups.
came_with_the_account("aws_security_group", "default", _)

came_with_the_account("aws_vpc", "default", keys) if not "Name" in keys

# noun is what the provider calls a tag.
noun(type) := "label" if startswith(type, "google_")

noun(type) := "custom property" if startswith(type, "github_")

noun(type) := "tag" if {
	not startswith(type, "google_")
	not startswith(type, "github_")
}

nouns(type, 1) := noun(type)

nouns(type, n) := sprintf("%ss", [noun(type)]) if {
	n != 1
	noun(type) != "custom property"
}

nouns(type, n) := "custom properties" if {
	n != 1
	noun(type) == "custom property"
}
