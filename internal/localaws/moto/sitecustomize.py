"""Python runs this before moto. It changes what can't be changed from outside."""

import moto.s3.models as s3


def put_object_lock_configuration(
    self, bucket_name, lock_enabled, mode=None, days=None, years=None
):
    """Switches Object Lock on in buckets that hold objects too, as S3 does since
    November 2023; moto refuses that with BucketNeedsToBeNew.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html"""
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise s3.InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode = mode
    bucket.default_lock_days = days
    bucket.default_lock_years = years


s3.S3Backend.put_object_lock_configuration = put_object_lock_configuration
