resource "aws_sqs_queue" "this" {
  count = 1
  name  = "this"
}

output "url" {
  value = aws_sqs_queue.this[0].id
}

output "name" {
  value = aws_sqs_queue.this[0].name
}
