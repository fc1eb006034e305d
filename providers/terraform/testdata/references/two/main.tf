locals {
  url = aws_sqs_queue.this.id
}

resource "aws_sqs_queue" "this" {
  name = "this"
}

resource "aws_sqs_queue" "other" {
  name = "other"
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = local.url
}
