variable "url" {}

module "inner" {
  source = "./inner"
  url    = var.url
}
