"""A store in a bucket, by the S3 interface that many object stores have.

Credentials come from where every S3 client takes them: ``AWS_ACCESS_KEY_ID`` and
``AWS_SECRET_ACCESS_KEY``, or a profile of ``~/.aws``; never from the site's files.

Amazon lets one of many create an object.  Others, such as Swift, look first and write then, so
that several may succeed and the last one holds; or they know no condition at all.  There, whoever
has created an object looks once more when all who could have looked before have written.  A store
that is known to do as Amazon does is marked with ``atomic=true``.
"""

import importlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from govstack.errors import StateUnreachable

ABSENT: Final = frozenset({"NoSuchKey", "404"})
TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
CALLS_AT_ONCE: Final = 16
TRIES: Final = 3
TIMEOUT_SECONDS: Final = 10
"""A call that fails has failed within 30 s: a holder must notice before it counts as dead."""

SETTLE_SECONDS: Final = 1.0


class S3Store:
    """One object for each key below ``s3://BUCKET/PREFIX?endpoint=URL&region=NAME``."""

    def __init__(self, address: str, inside: str) -> None:
        parts = urlsplit(address)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._bucket = parts.netloc
        prefix = parts.path.strip("/")
        self._prefix = f"{prefix}/{inside}/" if prefix else f"{inside}/"
        is_atomic = "endpoint" not in options or options.get("atomic") == "true"
        self._settle_seconds = 0.0 if is_atomic else SETTLE_SECONDS
        self._client = _client(options.get("endpoint"), options.get("region"))

    @property
    def name(self) -> str:
        """Return bucket and prefix."""
        return f"s3://{self._bucket}/{self._prefix.rstrip('/')}"

    def get(self, key: str) -> bytes | None:
        """Return an object, None where there is none."""
        with self._calls() as refused_by:
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
                data: bytes = answer["Body"].read()
            except refused_by as error:
                if _code(error) in ABSENT:
                    return None
                raise
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep an object, in place of the one that there may be."""
        with self._calls():
            self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=data)

    def create(self, key: str, data: bytes) -> bool:
        """Keep an object that is not there yet."""
        if self._settle_seconds and self.get(key) is not None:
            return False
        with self._calls() as refused_by:
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=self._prefix + key, Body=data, IfNoneMatch="*"
                )
            except refused_by as error:
                if _code(error) not in TAKEN:
                    raise
                # A try whose answer was lost on the way has succeeded all the same.
                return self.get(key) == data
        if self._settle_seconds:
            time.sleep(self._settle_seconds)
            return self.get(key) == data
        return True

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        with self._calls():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the keys that begin so, sorted."""
        with self._calls():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        return tuple(sorted(key.removeprefix(self._prefix) for key in keys))

    @contextmanager
    def _calls(self) -> Iterator[type[Exception]]:
        """Yield the kind of a refusal, and put whatever goes wrong into words."""
        errors = importlib.import_module("botocore.exceptions")
        try:
            yield errors.ClientError
        except errors.ClientError as error:
            raise self._unreachable(f"refuses ({_code(error)}): {error}") from error
        except errors.BotoCoreError as error:
            raise self._unreachable(f"does not answer: {error}") from error

    def _unreachable(self, reason: str) -> StateUnreachable:
        return StateUnreachable(
            f"the store {self.name} {reason}",
            hint="check backend in the environment's file, and AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY or AWS_PROFILE; the bucket must exist",
        )


def _client(endpoint: str | None, region: str | None) -> Any:  # noqa: ANN401 - made at run time
    try:
        config = importlib.import_module("botocore.config").Config
        make = importlib.import_module("botocore.session").get_session().create_client
    except ModuleNotFoundError as error:
        raise StateUnreachable(
            "stores in S3 need a library that is not installed: botocore",
            hint="pip install 'govstack[s3]'",
        ) from error
    return make(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        config=config(
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=CALLS_AT_ONCE,
            s3={"addressing_style": "path" if endpoint else "auto"},
            # Stores other than Amazon's know nothing of checksums in trailers.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _code(error: Any) -> str:  # noqa: ANN401 - of the library
    return str(error.response.get("Error", {}).get("Code", ""))
