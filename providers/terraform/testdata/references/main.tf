variable "names" {
  default = ["a", "b"]
}

# The literal attribute of a new queue is known, its id is not.
resource "aws_sqs_queue" "single" {
  name = "single"
}

resource "aws_sqs_queue_policy" "single" {
  queue_url = aws_sqs_queue.single.id
}

# for_each with each.key, a key with a dot and a quote
resource "aws_sqs_queue" "keyed" {
  for_each = toset(concat(var.names, ["c.d\"e"]))
  name     = each.key
}

resource "aws_sqs_queue_policy" "keyed" {
  for_each  = toset(var.names)
  queue_url = aws_sqs_queue.keyed[each.key].id
}

resource "aws_sqs_queue_policy" "literal" {
  queue_url = aws_sqs_queue.keyed["c.d\"e"].id
}

# for_each over the resources themselves
resource "aws_sqs_queue" "value" {
  for_each = toset(var.names)
  name     = each.key
}

resource "aws_sqs_queue_policy" "value" {
  for_each  = aws_sqs_queue.value
  queue_url = each.value.id
}

# count
resource "aws_sqs_queue" "counted" {
  count = 2
  name  = "counted"
}

resource "aws_sqs_queue_policy" "counted" {
  count     = 2
  queue_url = aws_sqs_queue.counted[count.index].id
}

# count that does not fit: which queue is meant is not told
resource "aws_sqs_queue" "shifted" {
  count = 3
  name  = "shifted"
}

resource "aws_sqs_queue_policy" "shifted" {
  count     = 2
  queue_url = aws_sqs_queue.shifted[count.index + 1].id
}

# one instance of a counted resource, through a splat
resource "aws_sqs_queue" "one" {
  count = 1
  name  = "one"
}

resource "aws_sqs_queue_policy" "one" {
  queue_url = one(aws_sqs_queue.one[*].id)
}

# a condition: either may be meant
resource "aws_sqs_queue" "either" {
  name = "either"
}

resource "aws_sqs_queue" "or" {
  name = "or"
}

resource "aws_sqs_queue_policy" "condition" {
  queue_url = var.names[0] == "a" ? aws_sqs_queue.either.id : aws_sqs_queue.or.id
}

# module outputs
module "queue" {
  source   = "./queue"
  for_each = toset(var.names)
}

resource "aws_sqs_queue_policy" "output" {
  for_each  = toset(var.names)
  queue_url = module.queue[each.key].url
}

module "single" {
  source = "./queue"
}

resource "aws_sqs_queue_policy" "module" {
  queue_url = module.single.url
}

module "each_value" {
  source   = "./queue"
  for_each = toset(var.names)
}

resource "aws_sqs_queue_policy" "module_value" {
  for_each  = module.each_value
  queue_url = each.value.url
}

# input variables, two modules deep
resource "aws_sqs_queue" "passed" {
  for_each = toset(var.names)
  name     = each.key
}

module "policy" {
  source   = "./pol"
  for_each = toset(var.names)
  url      = aws_sqs_queue.passed[each.key].id
}

# a local: without the sources, anything the module can see
module "local" {
  source = "./two"
}

# nothing configures it
resource "aws_sqs_queue" "alone" {
  name = "alone"
}
