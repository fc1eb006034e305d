# What metsuke needs in a Google Cloud organisation: a service account with roles that
# only read, granted once on the organisation, and the APIs that it asks, enabled in the
# project that the service account belongs to.
#
# The roles are the output of
#   metsuke providers permissions gcp --config metsuke.yaml
# with the policies that metsuke.yaml selects.

terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0"
    }
  }
}

variable "organization_id" {
  description = "Number of the organisation to read."
  type        = string
}

variable "project" {
  description = "Id of the project that holds the service account; its quota is used."
  type        = string
}

locals {
  roles = [
    "roles/cloudasset.viewer",
    "roles/orgpolicy.policyViewer",
    "roles/recommender.cloudsqlViewer",
    "roles/recommender.computeViewer",
    "roles/recommender.projectUtilViewer",
    "roles/serviceusage.serviceUsageConsumer",
  ]
  apis = [
    "cloudasset.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "orgpolicy.googleapis.com",
    "recommender.googleapis.com",
  ]
}

resource "google_project_service" "read" {
  for_each = toset(local.apis)

  project            = var.project
  service            = each.value
  disable_on_destroy = false
}

resource "google_service_account" "metsuke" {
  project      = var.project
  account_id   = "metsuke"
  display_name = "metsuke reads the organisation"
}

resource "google_organization_iam_member" "metsuke" {
  for_each = toset(local.roles)

  org_id = var.organization_id
  role   = each.value
  member = google_service_account.metsuke.member
}

output "service_account" {
  description = "Run metsuke as this service account: attached to the job, through workload identity federation, or impersonated."
  value       = google_service_account.metsuke.email
}
