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
      CostCenter  = "4711"
      Environment = "prod"
    }
  }
}

variable "database_password" {
  type      = string
  sensitive = true
}

variable "vpc_id" {
  type    = string
  default = "vpc-0123456789abcdef0"
}

resource "aws_security_group" "bastion" {
  name        = "orders-bastion"
  description = "Way in for the people on call"
  vpc_id      = var.vpc_id

  ingress {
    description = "SSH"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  engine_version          = "17.4"
  instance_class          = "db.m7g.large"
  allocated_storage       = 100
  storage_type            = "gp3"
  storage_encrypted       = true
  username                = "orders"
  password                = var.database_password
  backup_retention_period = 14
  multi_az                = true
  publicly_accessible     = false
}

resource "aws_cloudwatch_log_group" "orders" {
  name = "/orders/api"
}
