# The peer: the resources of a replicated bucket as plain Terraform, on the same
# provider binary and the same local AWS.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "pairs" {
  type = number
}

provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "dr"
  region = "us-west-2"
}

module "pair" {
  count     = var.pairs
  source    = "./pair"
  name      = "tf${count.index}"
  providers = { aws = aws, aws.dr = aws.dr }
}
