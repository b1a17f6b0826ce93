terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.dr]
    }
  }
}

variable "name" {
  type = string
}

data "aws_caller_identity" "this" {}

module "source" {
  source    = "../bucket"
  name      = "${var.name}-source"
  account   = data.aws_caller_identity.this.account_id
  roles     = []
  providers = { aws = aws }
}

module "dr" {
  source    = "../bucket"
  name      = "${var.name}-dr"
  account   = data.aws_caller_identity.this.account_id
  roles     = [aws_iam_role.replication.arn]
  providers = { aws = aws.dr }
}

resource "aws_iam_role" "replication" {
  name = "${var.name}-replication"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "sts:AssumeRole",
    Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.this.account_id } }
  }] })
}

resource "aws_iam_role_policy" "replication" {
  role = aws_iam_role.replication.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = ["s3:GetReplicationConfiguration", "s3:ListBucket"], Resource = module.source.arn },
    { Effect = "Allow", Action = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"], Resource = "${module.source.arn}/*" },
    { Effect = "Allow", Action = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], Resource = "${module.dr.arn}/*" },
    { Effect = "Allow", Action = "kms:Decrypt", Resource = module.source.key_arn, Condition = {
      StringEquals = { "kms:ViaService" = "s3.us-east-1.amazonaws.com" },
      StringLike   = { "kms:EncryptionContext:aws:s3:arn" = [module.source.arn, "${module.source.arn}/*"] }
    } },
    { Effect = "Allow", Action = ["kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"], Resource = module.dr.key_arn, Condition = {
      StringEquals = { "kms:ViaService" = "s3.us-west-2.amazonaws.com" },
      StringLike   = { "kms:EncryptionContext:aws:s3:arn" = [module.dr.arn, "${module.dr.arn}/*"] }
    } },
  ] })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  bucket = module.source.bucket
  role   = aws_iam_role.replication.arn
  rule {
    id       = "dr"
    status   = "Enabled"
    priority = 1
    filter {
      prefix = ""
    }
    delete_marker_replication {
      status = "Enabled"
    }
    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }
    destination {
      bucket        = module.dr.arn
      storage_class = "STANDARD_IA"
      encryption_configuration {
        replica_kms_key_id = module.dr.key_arn
      }
      metrics {
        status = "Enabled"
      }
    }
  }
  depends_on = [module.source, module.dr, aws_iam_role_policy.replication]
}

locals {
  dimensions = { SourceBucket = module.source.bucket, DestinationBucket = module.dr.bucket, RuleId = "dr" }
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name          = "${var.name}-failed"
  namespace           = "AWS/S3"
  metric_name         = "OperationsFailedReplication"
  dimensions          = local.dimensions
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  provider            = aws.dr
  alarm_name          = "${var.name}-latency"
  namespace           = "AWS/S3"
  metric_name         = "ReplicationLatency"
  dimensions          = local.dimensions
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 900
  treat_missing_data  = "ignore"
}
