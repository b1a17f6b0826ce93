"""Python runs this before moto, to patch what can't be configured."""

import gc
import hashlib
import ipaddress
import os
import re
import sys
import threading
import traceback
from datetime import timedelta

import flask
import moto.backends as backends
import moto.iam.models as iam
import moto.s3.models as s3
import moto.s3.notifications as notifications
import moto.sns.models as sns
from werkzeug.serving import WSGIRequestHandler


def stay_on_this_machine(event, args):
    """Blocks connections to other machines. moto posts the messages of topics to
    subscribed HTTP endpoints."""
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
        raise ConnectionRefusedError(f"the local AWS does not connect to other machines: {host}")


sys.addaudithook(stay_on_this_machine)

# moto lists its own folder twice for every request, which takes a third of its time.
modules = list(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: modules

# Imported modules are never freed, so the garbage collector can skip them.
gc.freeze()
gc.set_threshold(50_000, 50, 50)


def publish_to_subscription(publish):
    """Delivery failures of an endpoint are not errors of the publisher."""

    def patched(self, *args, **kwargs):
        try:
            return publish(self, *args, **kwargs)
        except OSError as error:  # includes the errors of requests
            if self.protocol not in ("http", "https"):
                raise
            print(f"not delivered to {self.endpoint}: {error}", file=sys.stderr)

    return patched


sns.Subscription.publish = publish_to_subscription(sns.Subscription.publish)


def put_object_lock_configuration(
    self, bucket_name, lock_enabled, mode=None, days=None, years=None
):
    """Enables Object Lock also for buckets with objects, as S3 does since
    November 2023; moto rejects that with BucketNeedsToBeNew.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html"""
    bucket = self.get_bucket(bucket_name)
    if bucket.versioning_status != "Enabled":
        raise s3.InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode = mode
    bucket.default_lock_days = days
    bucket.default_lock_years = years


s3.S3Backend.put_object_lock_configuration = put_object_lock_configuration


# moto reads, changes and writes back the list of a key's versions, concurrently for
# each request.
writes = threading.RLock()


def one_at_a_time(function):
    def patched(*args, **kwargs):
        with writes:
            return function(*args, **kwargs)

    return patched


def without_null(versions):
    return [version for version in versions if version.version_id != "null"]


# A bucket with suspended versioning keeps its versions. New objects have the version
# id null, and replace only a version with that id.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VersionSuspendedBehavior.html
s3.FakeBucket.is_versioned = property(
    lambda self: self.versioning_status in ("Enabled", "Suspended")
)


def as_newest(write):
    """Writes an object or a delete marker as the newest version of its key. moto lists
    versions by time, S3 by the order in which they were stored.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html"""

    def patched(self, bucket_name, key_name, *args, **kwargs):
        new = write(self, bucket_name, key_name, *args, **kwargs)
        bucket = self.get_bucket(bucket_name)
        older = bucket.keys.getlist(key_name)[:-1]
        if older and new.last_modified <= older[-1].last_modified:
            new.last_modified = older[-1].last_modified + timedelta(milliseconds=1)
        if bucket.versioning_status == "Suspended":
            new._version_id = "null"
            bucket.keys.setlist(key_name, without_null(older) + [new])
        return new

    return patched


s3.S3Backend.put_object = one_at_a_time(as_newest(s3.S3Backend.put_object))
s3.S3Backend._set_delete_marker = as_newest(s3.S3Backend._set_delete_marker)
s3.S3Backend.delete_object = one_at_a_time(s3.S3Backend.delete_object)
s3.S3Backend.list_object_versions = one_at_a_time(s3.S3Backend.list_object_versions)

# The ETag of an object that is encrypted with KMS is not its MD5.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
secret = os.urandom(16)
harsh = os.environ.get("CRR_LOCAL_AWS_HARSH") == "1"


def etag(plain):
    def patched(self):
        tag = plain.fget(self)
        if self.encryption not in ("aws:kms", "aws:kms:dsse"):
            return tag
        digest, dash, parts = tag.strip('"').partition("-")
        salt = self.__dict__.setdefault("etag_salt", os.urandom(16)) if harsh else b""
        digest = hashlib.md5(secret + salt + digest.encode()).hexdigest()
        return f'"{digest}{dash}{parts}"'

    return property(patched)


s3.FakeKey.etag = etag(s3.FakeKey.etag)


# Keys may begin with slashes and contain repeated slashes. moto reads keys from
# RAW_URI; the router, which reads PATH_INFO, would merge slashes.


def make_environ(make):
    def patched(self):
        raw = self.requestline.split()[1]  # self.path has lost slashes already
        path, question, query = raw.partition("?")
        self.path = re.sub("/{2,}", "/_/", path) + question + query
        environ = make(self)
        environ["RAW_URI"] = environ["REQUEST_URI"] = "http://localhost" + raw
        return environ

    return patched


WSGIRequestHandler.make_environ = make_environ(WSGIRequestHandler.make_environ)


def delete_objects(delete):
    """Returns for each deletion whether a delete marker was created or deleted."""

    def patched(self, bucket_name, objects, bypass_retention=False):
        with writes:
            versions = self.get_bucket(bucket_name).keys
            markers = {
                (name, version.version_id)
                for name in {each["Key"] for each in objects}
                for version in versions.getlist(name, [])
                if isinstance(version, s3.FakeDeleteMarker)
            }
            deleted, errors = delete(self, bucket_name, objects, bypass_retention)
        marked = [
            (name, version, version if (name, version) in markers else made)
            for name, version, made in deleted
        ]
        return marked, errors

    return patched


s3.S3Backend.delete_objects = delete_objects(s3.S3Backend.delete_objects)


def handle_exception(self, error):
    """Returns the exception that a request raised in moto, so that the front can
    distinguish invalid requests from unsupported ones."""
    traceback.print_exception(error)
    name = ascii(f"{type(error).__name__}: {error}")[1:-1][:200]
    return flask.Response("", 500, {"X-Emulator-Failure": name})


flask.Flask.handle_exception = handle_exception


def get_account_authorization_details(get):
    """Returns copies of the lists: roles that are created meanwhile would break the
    response, which is written later."""

    def patched(self, policy_filter):
        return {name: list(each) for name, each in get(self, policy_filter).items()}

    return patched


iam.IAMBackend.get_account_authorization_details = get_account_authorization_details(
    iam.IAMBackend.get_account_authorization_details
)


# New buckets use SSE-S3, block public access, and have ACLs disabled.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
# https://aws.amazon.com/about-aws/whats-new/2022/12/amazon-s3-automatically-enable-block-public-access-disable-access-control-lists-buckets-april-2023/


def encrypt_by_default(bucket):
    bucket.encryption = {
        "Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    }
    bucket.encrypts_by_default = bucket.encryption


def create_bucket(create):
    def patched(self, *args, **kwargs):
        bucket = create(self, *args, **kwargs)
        encrypt_by_default(bucket)
        bucket.public_access_block = s3.PublicAccessBlock(True, True, True, True)
        bucket.ownership_rule = "BucketOwnerEnforced"
        return bucket

    return patched


def delete_bucket_encryption(self, bucket_name):
    encrypt_by_default(self.get_bucket(bucket_name))


def copy_object(copy):
    """Rejects a copy of an object onto itself without a change. The default encryption
    of the bucket is not a change."""

    def patched(self, source, bucket_name, key_name, **changes):
        bucket = self.get_bucket(bucket_name)
        same = (source.bucket_name, source.name) == (bucket_name, key_name)
        changed = (
            changes.get("storage")
            or changes.get("encryption")
            or changes.get("mdirective") == "REPLACE"
            or changes.get("website_redirect_location")
            or bucket.is_versioned and changes.get("provided_version_id")
            or source.encryption not in (None, "AES256")
            or bucket.encryption is not getattr(bucket, "encrypts_by_default", None)
        )
        if same and not changed:
            raise s3.CopyObjectMustChangeSomething
        return copy(self, source, bucket_name, key_name, **changes)

    return patched


s3.S3Backend.create_bucket = create_bucket(s3.S3Backend.create_bucket)
s3.S3Backend.delete_bucket_encryption = delete_bucket_encryption
s3.S3Backend.copy_object = copy_object(s3.S3Backend.copy_object)


def send_event(send):
    """The front sends the events of buckets in S3's format, if policies allow S3. moto
    only handles EventBridge and restored objects."""

    def patched(account_id, event_name, bucket, key):
        configured = bucket.notification_configuration
        if configured is None:
            return
        if event_name.startswith("s3:ObjectRestore:"):
            send(account_id, event_name, bucket, key)
        elif configured.event_bridge is not None:
            notifications._send_event_bridge_message(account_id, bucket, event_name, key)

    return patched


notifications.send_event = send_event(notifications.send_event)
notifications.send_test_event = lambda account_id, bucket: None
