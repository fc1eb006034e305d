variable "url" {}

resource "aws_sqs_queue_policy" "this" {
  queue_url = var.url
}
