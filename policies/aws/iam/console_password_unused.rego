# METADATA
# title: Console passwords unused for 45 days are disabled
# description: >-
#   A console password that nobody uses often belongs to somebody who left or changed teams. Users who never signed
#   in count from the day the password was set; other tools pass them.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_iam_user
# custom:
#   severity: medium
#   category: security
#   types: [aws_iam_user]
#   plan: "no"
#   params:
#     max_unused_days: {type: number, default: 45, description: Days without use after which a credential has to be disabled.}
#   frameworks:
#     cis-aws-3.0: ["1.12"]
#     cis-aws-5.0: ["1.11"]
#     cis-aws-7.0: ["2.11"]
#     fsbp: ["IAM.8"]
#   remediation: >-
#     Delete the login profile; give access through the company's directory instead. In Terraform: remove
#     aws_iam_user_login_profile.
package metsuke.aws.iam.console_password_unused

import data.metsuke.lib.time

deny contains {"message": message, "path": "password_last_used"} if {
	input.resource.attributes.password_enabled == true
	input.resource.attributes.password_last_used != null
	time.older_than_days(input.resource.attributes.password_last_used, input.params.max_unused_days, input.now)
	message := sprintf("the console password was last used %d days ago", [time.age_days(input.resource.attributes.password_last_used, input.now)])
}

deny contains {"message": message, "path": "password_last_used"} if {
	input.resource.attributes.password_enabled == true
	input.resource.attributes.password_last_used == null
	time.older_than_days(input.resource.attributes.password_last_changed, input.params.max_unused_days, input.now)
	message := sprintf("the console password was set %d days ago and never used", [time.age_days(input.resource.attributes.password_last_changed, input.now)])
}
