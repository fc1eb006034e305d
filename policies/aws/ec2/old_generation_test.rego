package metsuke.aws.ec2.old_generation_test

import data.metsuke.aws.ec2.old_generation

of(type, current) := {
	"resource": {"attributes": {"instance_type": type, "current_generation": current}},
	"params": {"previous_families": ["t2", "m4", "a1"]},
}

finding(message) := {{"message": message, "path": "instance_type"}}

test_fails_for_the_families_of_the_parameter if {
	old_generation.deny == finding("t2.micro is of an old generation; its successor is t3 or t4g") with input as of("t2.micro", true)
	old_generation.deny == finding("a1.large is of an old generation") with input as of("a1.large", null)
}

test_fails_once_for_what_ec2_counts_as_old_too if {
	old_generation.deny == finding("m3.large is of an old generation; its successor is m7i or m7g") with input as of("m3.large", false)
	old_generation.deny == finding("m4.large is of an old generation; its successor is m7i or m7g") with input as of("m4.large", false)
}

test_passes_for_current_families if {
	old_generation.deny == set() with input as of("m7g.large", true)
	old_generation.deny == set() with input as of("t2a.large", true)
	old_generation.deny == set() with input as of("m7g.large", null)
}
