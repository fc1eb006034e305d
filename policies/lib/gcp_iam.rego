# Principals of Google Cloud IAM, in the notation of its policies.
package metsuke.lib.gcp_iam

# is_public says that a member stands for everybody, or everybody with an account.
is_public(member) if member in {"allUsers", "allAuthenticatedUsers"}

# domain returns the domain of a person, a group or a whole domain; it is
# undefined for other members.
domain(member) := lower(found) if {
	[[_, found]] := regex.find_all_string_submatch_n(`^(?:user|group):[^@]*@(.+)$`, member, -1)
}

domain(member) := lower(trim_prefix(member, "domain:")) if startswith(member, "domain:")

# email returns the address of a service account; it is undefined for other members.
email(member) := trim_prefix(member, "serviceAccount:") if startswith(member, "serviceAccount:")

# is_agent says that a service account belongs to Google: its name holds a
# project's number, which the names of a project's own accounts do not.
is_agent(account) if regex.match(`^(service-|project-|bq-)?[0-9]{8,}@[^@]+\.iam\.gserviceaccount\.com$`, account)

is_agent(account) if regex.match(`^p[0-9]{8,}-[a-z0-9]+@gcp-sa-[^@]+\.iam\.gserviceaccount\.com$`, account)

is_agent(account) if regex.match(`^[0-9]+@(cloudservices|cloudbuild)\.gserviceaccount\.com$`, account)

# is_default_account says that a service account came with Compute Engine or App
# Engine.
is_default_account(account) if regex.match(`^[0-9]+-compute@developer\.gserviceaccount\.com$`, account)

is_default_account(account) if endswith(account, "@appspot.gserviceaccount.com")

# is_user_created says that a service account was made by the people of a project.
is_user_created(account) if {
	endswith(account, ".iam.gserviceaccount.com")
	not is_agent(account)
}
