# METADATA
# title: Lambda functions use a supported runtime
# description: >-
#   When AWS deprecates a runtime it stops patching the language and the system below the function, gives no more support
#   for it, and later blocks changes to the function; it goes on running all the same. Past its date a runtime fails, and
#   in the days before it is reported with low severity. Container images bring their own runtime and are not judged. A
#   runtime that runtime_deprecations does not name has no date and passes.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_lambda_function
# custom:
#   severity: medium
#   category: security
#   types: [aws_lambda_function]
#   params:
#     warn_days: {type: number, default: 90, description: Days before its deprecation from which a runtime is reported.}
#     runtime_deprecations:
#       type: map
#       description: >-
#         The day from which AWS deprecates each runtime, YYYY-MM-DD, as published in August 2026 in the AWS Lambda
#         Developer Guide, "Lambda runtimes" (column "Deprecation date"). AWS moves dates of the future: keep them
#         current here.
#       default: {
#         dotnet6: "2024-12-20", dotnet8: "2026-11-10", dotnet10: "2028-11-14",
#         dotnetcore1.0: "2019-06-27", dotnetcore2.0: "2019-05-30", dotnetcore2.1: "2022-01-05",
#         dotnetcore3.1: "2023-04-03",
#         go1.x: "2024-01-08",
#         java8: "2024-01-08", java8.al2: "2027-06-30", java8.al2023: "2029-06-30", java11: "2027-06-30",
#         java11.al2023: "2029-06-30", java17: "2027-06-30", java17.al2023: "2029-06-30", java21: "2029-06-30",
#         java25: "2029-06-30",
#         nodejs: "2016-08-30", nodejs4.3: "2020-03-05", nodejs4.3-edge: "2020-03-05", nodejs6.10: "2019-08-12",
#         nodejs8.10: "2020-03-06", nodejs10.x: "2021-07-30", nodejs12.x: "2023-03-31", nodejs14.x: "2023-12-04",
#         nodejs16.x: "2024-06-12", nodejs18.x: "2025-09-01", nodejs20.x: "2026-04-30", nodejs22.x: "2027-04-30",
#         nodejs24.x: "2028-04-30",
#         provided: "2024-01-08", provided.al2: "2026-07-31", provided.al2023: "2029-06-30",
#         python2.7: "2021-07-15", python3.6: "2022-07-18", python3.7: "2023-12-04", python3.8: "2024-10-14",
#         python3.9: "2025-12-15", python3.10: "2026-10-31", python3.11: "2027-06-30", python3.12: "2028-10-31",
#         python3.13: "2029-06-30", python3.14: "2029-06-30",
#         ruby2.5: "2021-07-30", ruby2.7: "2023-12-07", ruby3.2: "2026-03-31", ruby3.3: "2027-03-31",
#         ruby3.4: "2028-03-31", ruby4.0: "2029-03-31"
#       }
#   frameworks: {fsbp: ["Lambda.2"]}
#   plan: "yes"
#   remediation: >-
#     Move the function to the current runtime of its language, test it and publish it before AWS blocks updates.
#   terraform: |
#     resource "aws_lambda_function" "example" {
#       function_name = "example"
#       role          = aws_iam_role.example.arn
#       filename      = "example.zip"
#       handler       = "main.handler"
#       runtime       = "python3.13"
#     }
package metsuke.aws.lambda.runtime_supported

import data.metsuke.lib.time

applicable if input.resource.attributes.package_type == "Zip"

deny contains {"message": message, "path": "runtime"} if {
	date := input.params.runtime_deprecations[input.resource.attributes.runtime]
	not time.is_after(start(date), input.now)
	message := sprintf("runtime %s is deprecated since %s", [input.resource.attributes.runtime, date])
}

deny contains {"message": message, "path": "runtime", "severity": "low", "key": "soon"} if {
	date := input.params.runtime_deprecations[input.resource.attributes.runtime]
	time.is_after(start(date), input.now)
	time.within_days(start(date), input.params.warn_days, input.now)
	message := sprintf("runtime %s is deprecated from %s on", [input.resource.attributes.runtime, date])
}

start(date) := sprintf("%sT00:00:00Z", [date])
