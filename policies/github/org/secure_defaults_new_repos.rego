# METADATA
# title: New repositories start with dependency and secret protection switched on
# description: >-
#   What has to be switched on repository by repository is forgotten in the next one. A
#   feature counts as a default when the organisation switches it on for new
#   repositories, or when enforced code security configurations do so for public
#   and for other ones.
# scope: package
# schemas:
#   - input.resource.attributes: schema.github_organization
# custom:
#   severity: medium
#   category: security
#   types: [github_organization]
#   plan: "partial"
#   frameworks: {cis-github-1.0: ["1.5.1", "1.5.5"], cis-github-1.2: ["1.5.1", "1.5.5"]}
#   remediation: >-
#     Make a code security configuration with these features the enforced default for all
#     new repositories, or switch each of them on for new repositories.
#   terraform: |
#     resource "github_organization_settings" "example" {
#       billing_email = "billing@example.com"
#
#       dependency_graph_enabled_for_new_repositories                = true
#       dependabot_alerts_enabled_for_new_repositories               = true
#       dependabot_security_updates_enabled_for_new_repositories     = true
#       secret_scanning_enabled_for_new_repositories                 = true
#       secret_scanning_push_protection_enabled_for_new_repositories = true
#     }
package metsuke.github.org.secure_defaults_new_repos

deny contains {"message": message, "path": path, "key": feature} if {
	some feature, on in flags
	on == false
	not configured(feature)
	message := sprintf("new repositories start without %s", [names[feature]])
	path := sprintf("%s_enabled_for_new_repositories", [feature])
}

flags["dependency_graph"] := input.resource.attributes.dependency_graph_enabled_for_new_repositories

flags["dependabot_alerts"] := input.resource.attributes.dependabot_alerts_enabled_for_new_repositories

flags["dependabot_security_updates"] := input.resource.attributes.dependabot_security_updates_enabled_for_new_repositories

flags["secret_scanning"] := input.resource.attributes.secret_scanning_enabled_for_new_repositories

flags["secret_scanning_push_protection"] := input.resource.attributes.secret_scanning_push_protection_enabled_for_new_repositories

names := {
	"dependency_graph": "the dependency graph",
	"dependabot_alerts": "Dependabot alerts",
	"dependabot_security_updates": "Dependabot security updates",
	"secret_scanning": "secret scanning",
	"secret_scanning_push_protection": "push protection of secret scanning",
}

# configured says that enforced defaults switch the feature on in every new repository.
configured(feature) if {
	configured_for(feature, "public")
	configured_for(feature, "private_and_internal")
}

configured_for(feature, kind) if {
	some c in input.resource.attributes.code_security_default_configurations
	c.enforcement == "enforced"
	c.default_for_new_repos in {kind, "all"}
	c[feature] == "enabled"
}
