package metsuke.lib.iam_test

import data.metsuke.lib.iam

keys := {
	"aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn",
	"aws:sourceip", "aws:sourcevpce", "sns:endpoint", "lambda:functionurlauthtype",
}

everybody := [{"type": "AWS", "id": "*"}]

allow := {
	"sid": "read", "effect": "Allow", "principals": everybody, "not_principals": null,
	"actions": ["s3:getobject"], "not_actions": null,
	"resources": ["arn:aws:s3:::reports/*"], "not_resources": null, "conditions": [],
}

condition(operator, key, values) := {"operator": operator, "key": key, "values": values}

when(conditions) := {"statements": [object.union(allow, {"conditions": conditions})]}

# open returns the places of the statements that let everybody in.
open(document) := {i | some i, statement in document.statements; iam.open(statement, document.statements, keys)}

test_no_policy_lets_nobody_in if {
	open(null) == set()
	open({"statements": []}) == set()
}

test_everybody_is_a_star if {
	open({"statements": [allow]}) == {0}
	open({"statements": [object.union(allow, {"principals": [{"type": "AWS", "id": "arn:aws:iam::222222222222:root"}]})]}) == set()
	open({"statements": [object.union(allow, {"principals": [{"type": "AWS", "id": "arn:aws:iam::222222222222:root"}, {"type": "AWS", "id": "*"}]})]}) == {0}
	open({"statements": [object.union(allow, {"principals": [{"type": "Service", "id": "events.amazonaws.com"}]})]}) == set()
}

test_everybody_but_some_is_everybody if {
	open({"statements": [object.union(allow, {"principals": null, "not_principals": [{"type": "AWS", "id": "222222222222"}]})]}) == {0}
}

test_a_deny_lets_nobody_in if {
	open({"statements": [object.union(allow, {"effect": "Deny"})]}) == set()
}

test_a_condition_on_fixed_callers_restricts if {
	every c in [
		condition("stringequals", "aws:principalorgid", ["o-a1b2c3d4e5"]),
		condition("foranyvalue:stringlike", "aws:principalorgpaths", ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]),
		condition("stringequals", "aws:sourceaccount", ["111111111111", "222222222222"]),
		condition("arnlike", "aws:sourcearn", ["arn:aws:events:*:222222222222:rule/*"]),
		condition("arnlike", "aws:sourcearn", ["arn:aws:s3:*:*:reports"]),
		condition("stringequals", "aws:sourcevpce", ["vpce-0a1b2c3d4e5f60718"]),
		condition("ipaddress", "aws:sourceip", ["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]),
		condition("stringlike", "sns:endpoint", ["*@example.com"]),
		condition("stringequals", "lambda:functionurlauthtype", ["AWS_IAM"]),
	] {
		open(when([c])) == set()
	}
}

test_a_condition_that_anybody_can_meet_does_not if {
	every c in [
		condition("stringlike", "aws:principalorgid", ["o-*"]),
		condition("stringequalsifexists", "aws:principalorgid", ["o-a1b2c3d4e5"]),
		condition("forallvalues:stringlike", "aws:principalorgpaths", ["o-a1b2c3d4e5/*"]),
		condition("stringnotequals", "aws:sourceaccount", ["111111111111"]),
		condition("stringequals", "aws:sourceaccount", ["${aws:PrincipalAccount}"]),
		condition("arnlike", "aws:sourcearn", ["arn:aws:sns:*:*:*"]),
		condition("arnlike", "aws:sourcearn", ["arn:aws:s3:::*"]),
		condition("arnlike", "aws:sourcearn", ["arn:aws:events:*:222222222222:rule/*", "*"]),
		condition("ipaddress", "aws:sourceip", ["0.0.0.0/0"]),
		condition("ipaddress", "aws:sourceip", ["0.0.0.0/1", "128.0.0.0/1"]),
		condition("ipaddress", "aws:sourceip", ["::/0"]),
		condition("stringlike", "sns:endpoint", ["*"]),
		condition("stringlike", "sns:endpoint", ["https://*"]),
		condition("stringequals", "lambda:functionurlauthtype", ["NONE"]),
		condition("bool", "aws:securetransport", ["true"]),
		condition("stringequals", "aws:sourcevpc", ["vpc-0a1b2c3d"]),
		condition("null", "aws:sourceaccount", ["false"]),
	] {
		open(when([c])) == {0}
	}
}

fence(conditions) := object.union(allow, {
	"sid": "fence", "effect": "Deny", "actions": ["s3:*"],
	"resources": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"], "conditions": conditions,
})

outsiders := [
	condition("boolifexists", "aws:principalisawsservice", ["false"]),
	condition("stringnotequalsifexists", "aws:principalorgid", ["o-a1b2c3d4e5"]),
]

test_a_deny_that_turns_everybody_else_away_restricts if {
	open({"statements": [fence(outsiders), allow]}) == set()
	open({"statements": [allow, fence([])]}) == set()
	open({"statements": [allow, fence([condition("stringnotequals", "aws:sourcevpce", ["vpce-0a1b2c3d4e5f60718"])])]}) == set()
}

test_a_deny_that_leaves_a_way_in_does_not if {
	every deny in [
		fence([condition("boolifexists", "aws:principalisawsservice", ["false"])]),
		fence(array.concat(outsiders, [condition("bool", "aws:securetransport", ["false"])])),
		fence([condition("stringnotlike", "aws:principalorgid", ["*"])]),
		object.union(fence(outsiders), {"actions": ["s3:putobject"]}),
		object.union(fence(outsiders), {"resources": ["arn:aws:s3:::reports/private/*"]}),
		object.union(fence(outsiders), {"actions": null, "not_actions": ["s3:getobject"]}),
		object.union(fence(outsiders), {"principals": [{"type": "AWS", "id": "333333333333"}]}),
	] {
		open({"statements": [allow, deny]}) == {0}
	}
}

test_a_wildcard_is_not_covered_by_a_single_character if {
	not iam.covers_all(["arn:aws:s3:::reports/?"], ["arn:aws:s3:::reports/*"])
	iam.covers_all(["arn:aws:s3:::reports/*"], ["arn:aws:s3:::reports/?"])
	iam.covers_all(null, null)
	not iam.covers_all(["*"], null)
}

test_patterns_match_as_a_whole_and_literally if {
	iam.matches("s3:get*", "s3:getobject")
	iam.matches("s3:???object", "s3:getobject")
	not iam.matches("s3:get*", "xs3:getobject")
	not iam.matches("arn:aws:s3:::a.b/*", "arn:aws:s3:::axb/c")
	iam.matches("arn:aws:s3:::a(b+[c]/*", "arn:aws:s3:::a(b+[c]/d")
}

test_notactions_allow_what_they_do_not_name if {
	iam.allows_any(allow, {"s3:getobject"})
	not iam.allows_any(allow, {"s3:putobject"})
	iam.allows_any(object.union(allow, {"actions": null, "not_actions": ["s3:delete*"]}), {"s3:putobject"})
	not iam.allows_any(object.union(allow, {"actions": null, "not_actions": ["s3:*"]}), {"s3:putobject"})
}

test_a_statement_is_called_by_its_sid_or_its_place if {
	iam.label(0, allow) == `statement "read"`
	iam.label(1, object.union(allow, {"sid": null})) == "statement 2"
}

test_names_what_a_statement_allows if {
	iam.actions({"actions": ["s3:getobject", "s3:list*"], "not_actions": null}) == {"s3:getobject", "s3:list*"}
	iam.actions({"actions": null, "not_actions": ["s3:putobject", "iam:*"]}) == {"every action but iam:*, s3:putobject"}
	iam.resources({"resources": ["arn:aws:s3:::b/*"], "not_resources": null}) == {"arn:aws:s3:::b/*"}
	iam.resources({"resources": null, "not_resources": ["arn:aws:s3:::b"]}) == {"every resource but arn:aws:s3:::b"}
}
