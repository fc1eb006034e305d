# AWS resource policies in the normalised form (schemas/defs/iam_policy_document.json):
# whom do they let in?
#
# A statement lets everybody in when it addresses everybody and no other statement of
# its document fences it. A policy asks for both statement by statement, with the
# condition keys that, for its service, tie a request to somebody: each service offers
# others, so each policy brings its own list, in lower case. What is unknown of one
# statement then leaves the others alone, which it would not if the functions took the
# whole document.
package metsuke.lib.iam

# addresses_everybody says that a statement allows something to the principal * (or to
# all but some), and no condition ties it to fixed callers or sources.
addresses_everybody(statement, keys) if {
	statement.effect == "Allow"
	everybody(statement)
	not restricted(statement.conditions, keys)
}

# open says that a statement lets everybody in, for where all of its document is known.
open(statement, statements, keys) if {
	addresses_everybody(statement, keys)
	not fenced(statements, statement, keys)
}

fenced(statements, statement, keys) if {
	some other in statements
	fences(other, statement, keys)
}

# everybody says that a statement speaks of any principal.
everybody(statement) if {
	some principal in statement.principals
	principal.id == "*"
	principal.type in {"AWS", "CanonicalUser", "Federated"}
}

everybody(statement) if is_array(statement.not_principals)

# label is what to call a statement in a message.
label(_, statement) := sprintf("statement %q", [statement.sid]) if statement.sid != null

label(index, statement) := sprintf("statement %d", [index + 1]) if statement.sid == null

# actions names what a statement allows, for the defects of a finding: each action, or
# every action but some.
actions(statement) := {action | some action in statement.actions} | {but |
	is_array(statement.not_actions)
	but := sprintf("every action but %s", [concat(", ", sort(statement.not_actions))])
}

# resources names in the same way what a statement is about.
resources(statement) := {resource | some resource in statement.resources} | {but |
	is_array(statement.not_resources)
	but := sprintf("every resource but %s", [concat(", ", sort(statement.not_resources))])
}

# restricted says that one of the conditions admits only fixed callers or sources.
# A condition that also holds when its key is absent (...IfExists, ForAllValues)
# restricts nobody.
restricted(conditions, keys) if {
	some condition in conditions
	condition.key in keys
	trim_prefix(condition.operator, "foranyvalue:") in {
		"arnequals", "arnlike", "ipaddress",
		"stringequals", "stringequalsignorecase", "stringlike",
	}
	every value in condition.values {
		fixed(condition.key, value)
	}
}

# fences says that a deny statement covers everything that the other statement allows
# and spares nobody, or only fixed callers or sources.
fences(deny, allow, keys) if {
	deny.effect == "Deny"
	some principal in deny.principals
	principal.id == "*"
	covers_all(deny.actions, allow.actions)
	covers_all(deny.resources, allow.resources)
	spares_only_fixed(deny.conditions, keys)
}

spares_only_fixed([], _)

spares_only_fixed(conditions, keys) if {
	some condition in conditions
	spares_fixed(condition, keys)
	every other in conditions {
		spares_fixed_or_service(other, keys)
	}
}

spares_fixed(condition, keys) if {
	condition.key in keys
	trim_suffix(condition.operator, "ifexists") in {
		"arnnotequals", "arnnotlike", "notipaddress",
		"stringnotequals", "stringnotequalsignorecase", "stringnotlike",
	}
	every value in condition.values {
		fixed(condition.key, value)
	}
}

spares_fixed_or_service(condition, keys) if spares_fixed(condition, keys)

spares_fixed_or_service(condition, _) if {
	condition.key in {"aws:principalisawsservice", "aws:viaawsservice"}
	condition.operator in {"bool", "boolifexists"}
	condition.values == ["false"]
}

# fixed says that a condition's value names somebody or something in particular.
fixed(key, value) if {
	not key in {"aws:sourceip", "aws:vpcsourceip", "lambda:functionurlauthtype"}
	not wild(value)
}

# An ARN with wildcards is fixed by its account, an S3 ARN by the bucket's name.
fixed(_, value) if {
	parts := split(value, ":")
	parts[0] == "arn"
	regex.match(`^[0-9]{12}$`, parts[4])
}

fixed(_, value) if {
	parts := split(value, ":")
	parts[0] == "arn"
	parts[2] == "s3"
	bucket := split(parts[5], "/")[0]
	bucket != ""
	not wild(bucket)
}

# A path in an organisation begins with the organisation.
fixed(key, value) if {
	key in {"aws:principalorgpaths", "aws:sourceorgpaths"}
	regex.match(`^o-[a-z0-9]{10,32}/`, value)
}

# An endpoint is fixed by its domain.
fixed("sns:endpoint", value) if regex.match(`(@|://)[^*?$/]+\.[^*?$/]+`, value)

fixed("lambda:functionurlauthtype", "AWS_IAM")

# An address range is fixed when one party can hold it: nobody holds more than a /8
# of IPv4 or a /16 of IPv6.
fixed(key, value) if {
	key in {"aws:sourceip", "aws:vpcsourceip"}
	not contains(value, ":")
	regex.match(`^[0-9.]+(/([89]|[12][0-9]|3[0-2]))?$`, value)
}

fixed(key, value) if {
	key in {"aws:sourceip", "aws:vpcsourceip"}
	contains(value, ":")
	regex.match(`^[0-9a-fA-F:.]+(/(1[6-9]|[2-9][0-9]|1[0-2][0-9]))?$`, value)
}

# wild says that a text holds a wildcard or a policy variable.
wild(value) if regex.match(`[*?]|\$\{`, value)

# allows_any says that a statement allows one of the actions, given in lower case and
# without wildcards. Notactions allow every action that they do not name.
allows_any(statement, actions) if {
	some pattern in statement.actions
	some action in actions
	matches(pattern, action)
}

allows_any(statement, actions) if {
	is_array(statement.not_actions)
	some action in actions
	every pattern in statement.not_actions {
		not matches(pattern, action)
	}
}

# matches says that a pattern with * and ? matches a text as a whole.
matches(pattern, text) if regex.match(expression(pattern), text)

expression(pattern) := sprintf("^%s$", [replace(replace(quoted(pattern), "*", ".*"), "?", ".")])

# quoted makes every character of a pattern but its wildcards stand for itself.
quoted(pattern) := regex.replace(pattern, `([\\.+^$()|\[\]{}])`, `\$1`)

# covers_all says that every value is covered by one of the patterns. Two absent
# elements cover each other.
covers_all(null, null)

covers_all(patterns, values) if {
	is_array(patterns)
	is_array(values)
	every value in values {
		some pattern in patterns
		covers(pattern, value)
	}
}

# A wildcard in the value stands for more than one character of the pattern may.
covers(pattern, pattern)

covers(pattern, value) if {
	not contains(pattern, "?")
	matches(pattern, value)
}
