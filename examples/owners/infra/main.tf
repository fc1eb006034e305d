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

  tags = {
    Owner = "team-net"
  }
}

resource "aws_cloudwatch_log_group" "audit" {
  name = "/orders/audit"
}

resource "aws_cloudwatch_log_group" "orders" {
  name = "/orders/api"

  tags = {
    CostCenter = "0042"
  }
}
