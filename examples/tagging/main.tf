resource "aws_sqs_queue" "orders" {
  name = "orders"

  tags = {
    Owner = "team-orders"
  }
}

resource "aws_sqs_queue" "dead_letters" {
  name = "orders-dead-letters"

  tags = {
    Environment = "prod"
    CostCenter  = "2100"
  }
}

resource "google_project" "orders" {
  name       = "orders-prod"
  project_id = "orders-prod"

  labels = {
    owner       = "team-orders"
    environment = "prod"
    cost_center = "2100"
  }
}

resource "google_storage_bucket" "exports" {
  name     = "orders-prod-exports"
  project  = google_project.orders.project_id
  location = "EU"

  labels = {
    owner = "team-orders"
  }
}
