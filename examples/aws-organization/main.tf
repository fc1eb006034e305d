# What metsuke needs in an AWS organisation: a role that it runs as, in the management
# account or in a delegated administrator of CloudFormation StackSets, and a role that
# only reads in every member account.
#
# metsuke-policy.json is the output of
#   metsuke providers permissions aws --config metsuke.yaml
# with the policies that metsuke.yaml selects: the least that lets all of them judge.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "runner_arn" {
  description = "Principal that runs metsuke: the role of a CI job, of a task or of a person."
  type        = string
}

variable "organization_root_id" {
  description = "Root or organisational unit whose accounts are read: r-abcd or ou-abcd-12345678."
  type        = string
}

variable "external_id" {
  description = "What metsuke gives when it assumes the reader; providers.aws.organization.external_id of metsuke.yaml."
  type        = string
  default     = "metsuke"
}

locals {
  policy = jsondecode(file("${path.module}/metsuke-policy.json"))

  # The readers reach nobody else.
  reader_policy = merge(local.policy, {
    Statement = [for s in local.policy.Statement : s if s.Sid != "AssumeRoleInMembers"]
  })
}

resource "aws_iam_role" "scanner" {
  name        = "metsuke-scanner"
  description = "metsuke runs as this role. It reads, and never writes."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.runner_arn }
      Action    = "sts:AssumeRole"
    }]
  })
}

# An inline policy may be longer than a managed one.
resource "aws_iam_role_policy" "scanner" {
  name   = "metsuke"
  role   = aws_iam_role.scanner.id
  policy = jsonencode(local.policy)
}

resource "aws_cloudformation_stack_set" "reader" {
  name             = "metsuke-reader"
  description      = "The role through which metsuke reads the account"
  permission_model = "SERVICE_MANAGED"
  capabilities     = ["CAPABILITY_NAMED_IAM"]

  # Accounts that join later get the role as well.
  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Resources = {
      Reader = {
        Type = "AWS::IAM::Role"
        Properties = {
          RoleName    = "metsuke-reader"
          Description = "metsuke reads this account through this role."
          AssumeRolePolicyDocument = {
            Version = "2012-10-17"
            Statement = [{
              Effect    = "Allow"
              Principal = { AWS = aws_iam_role.scanner.arn }
              Action    = "sts:AssumeRole"
              Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
            }]
          }
          Policies = [{
            PolicyName     = "metsuke"
            PolicyDocument = local.reader_policy
          }]
        }
      }
    }
  })

  lifecycle {
    # Service-managed stack sets have none, and the provider reports one all the same.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_set_instance" "readers" {
  stack_set_name = aws_cloudformation_stack_set.reader.name

  deployment_targets {
    organizational_unit_ids = [var.organization_root_id]
  }
}

output "run_as" {
  description = "Role to run metsuke as."
  value       = aws_iam_role.scanner.arn
}
