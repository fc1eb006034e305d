package metsuke.aws.cloudtrail.log_validation_test

import data.metsuke.aws.cloudtrail.log_validation

trail(on) := {"resource": {"attributes": {"enable_log_file_validation": on}}}

test_fails_when_it_is_off if {
	log_validation.deny == {{"message": "changes to the log files cannot be detected: validation is off", "path": "enable_log_file_validation"}} with input as trail(false)
}

test_passes_when_it_is_on if {
	log_validation.deny == set() with input as trail(true)
}
