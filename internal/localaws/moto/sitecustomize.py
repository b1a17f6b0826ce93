"""Python runs this before moto. It changes what can't be changed from outside."""

import ipaddress
import sys

import moto.s3.models as s3
import moto.sns.models as sns


def stay_on_this_machine(event, args):
    """Keeps moto from reaching other machines: it posts the messages of topics to
    the HTTP endpoints that subscribe to them."""
    if event == "socket.connect":
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if host is None or host in ("", "localhost", b"localhost"):
        return
    try:
        inside = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise ConnectionRefusedError(f"the local AWS delivers nothing to other machines: {host}")


sys.addaudithook(stay_on_this_machine)


def publish_to_subscription(publish):
    """What an endpoint does with a message is no error of the publisher."""

    def patched(self, *args, **kwargs):
        try:
            return publish(self, *args, **kwargs)
        except OSError as error:  # the errors of requests are some, too
            if self.protocol not in ("http", "https"):
                raise
            print(f"not delivered to {self.endpoint}: {error}", file=sys.stderr)

    return patched


sns.Subscription.publish = publish_to_subscription(sns.Subscription.publish)


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
