# Virtual machines of Google Cloud.
package metsuke.lib.gcp_compute

# is_default_account says that a service account is the one that every project
# gets with Compute Engine. Null is a VM that names none, which gets that one.
is_default_account(null)

is_default_account(email) if regex.match(`^[0-9]+-compute@developer\.gserviceaccount\.com$`, email)
