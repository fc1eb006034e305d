package metsuke.aws.org.root_access_centralized_test

import data.metsuke.aws.org.root_access_centralized

of(features) := {"resource": {"attributes": {"iam_features": features}}}

test_fails_without_central_credentials if {
	root_access_centralized.deny == {{
		"message": "root credentials of the members are not managed centrally",
		"path": "iam_features", "key": "RootCredentialsManagement",
	}} with input as of([])
}

test_notes_missing_sessions if {
	root_access_centralized.deny == {{
		"message": "privileged root sessions are off: tasks that need root cannot be done centrally",
		"path": "iam_features", "severity": "low", "key": "RootSessions",
	}} with input as of(["RootCredentialsManagement"])
}

test_passes_with_both if {
	root_access_centralized.deny == set() with input as of(["RootSessions", "RootCredentialsManagement"])
}
