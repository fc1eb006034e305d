package metsuke.lib.gcp_iam_test

import data.metsuke.lib.gcp_iam

test_everybody_is_public if {
	gcp_iam.is_public("allUsers")
	gcp_iam.is_public("allAuthenticatedUsers")
	not gcp_iam.is_public("domain:example.com")
}

test_people_groups_and_domains_have_a_domain if {
	gcp_iam.domain("user:Ann@Example.com") == "example.com"
	gcp_iam.domain("group:ops@example.org") == "example.org"
	gcp_iam.domain("domain:Example.net") == "example.net"
	not gcp_iam.domain("serviceAccount:a@b.iam.gserviceaccount.com")
	not gcp_iam.domain("deleted:user:ann@example.com?uid=1")
	not gcp_iam.domain("allUsers")
}

test_service_accounts_have_an_address if {
	gcp_iam.email("serviceAccount:a@b.iam.gserviceaccount.com") == "a@b.iam.gserviceaccount.com"
	not gcp_iam.email("user:ann@example.com")
}

test_accounts_of_google_are_told_from_those_of_people if {
	every account in [
		"service-123456789012@container-engine-robot.iam.gserviceaccount.com",
		"service-123456789012@gcp-sa-logging.iam.gserviceaccount.com",
		"bq-123456789012@bigquery-encryption.iam.gserviceaccount.com",
		"p123456789012-a1b2c3@gcp-sa-cloud-sql.iam.gserviceaccount.com",
	] {
		gcp_iam.is_agent(account)
		not gcp_iam.is_user_created(account)
	}
	every account in ["ci@shop.iam.gserviceaccount.com", "service-1@shop-1.iam.gserviceaccount.com", "terraform@example-com.iam.gserviceaccount.com"] {
		gcp_iam.is_user_created(account)
		not gcp_iam.is_agent(account)
	}
	gcp_iam.is_agent("123456789012@cloudservices.gserviceaccount.com")
	gcp_iam.is_agent("123456789012@cloudbuild.gserviceaccount.com")
	not gcp_iam.is_user_created("123456789012-compute@developer.gserviceaccount.com")
}

test_default_accounts if {
	gcp_iam.is_default_account("123456789012-compute@developer.gserviceaccount.com")
	gcp_iam.is_default_account("shop@appspot.gserviceaccount.com")
	not gcp_iam.is_default_account("ci@shop.iam.gserviceaccount.com")
}
