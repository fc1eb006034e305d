package metsuke.aws.accessanalyzer.enabled_test

import data.metsuke.aws.accessanalyzer.enabled

of(analyzers, covered, accept) := {
	"resource": {"attributes": {
		"access_analyzers": [{"region": "us-east-1", "analyzers": analyzers}],
		"organization_analyzer_regions": covered,
	}},
	"params": {"accept_org_analyzer": accept},
}

analyzer(type, status) := {"analyzer_name": "a", "type": type, "status": status}

finding := {{"message": "no active analyzer of external access in us-east-1", "path": "access_analyzers.0", "key": "us-east-1"}}

test_fails_without_an_active_analyzer_of_external_access if {
	enabled.deny == finding with input as of([], ["eu-west-1"], true)
	enabled.deny == finding with input as of([analyzer("ACCOUNT", "FAILED")], [], true)
	enabled.deny == finding with input as of([analyzer("ACCOUNT_UNUSED_ACCESS", "ACTIVE")], [], true)
	enabled.deny == finding with input as of([], ["us-east-1"], false)
}

test_passes_with_one_of_its_own_or_of_the_organisation if {
	enabled.deny == set() with input as of([analyzer("ACCOUNT", "ACTIVE")], [], false)
	enabled.deny == set() with input as of([], ["us-east-1"], true)
}
