terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"

  default_tags {
    tags = {
      Owner       = "team-orders"
      Environment = "prod"
    }
  }
}

resource "aws_security_group" "bastion" {
  name        = "orders-bastion"
  description = "Way in for the people on call"
  vpc_id      = "vpc-0123456789abcdef0"

  ingress {
    description = "SSH"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# metsuke:ignore aws-logs-retention-unset until=2026-11-30 reason="auditors ask for seven years" ticket=GOV-31
resource "aws_cloudwatch_log_group" "audit" {
  name = "/orders/audit"
}

resource "aws_cloudwatch_log_group" "orders" {
  name = "/orders/api"
}
