"""What the SDK raises, as errors of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from govstack.errors import CloudUnreachable


def request_of(error: BaseException | None) -> str:
    """Return by which id the cloud's operator finds the call in the logs, empty if it has none."""
    while error is not None:
        if id_ := getattr(error, "request_id", None):
            return f" (request {id_})"
        error = error.__cause__ or error.__context__
    return ""


@contextmanager
def telling() -> Iterator[None]:
    """Have what the SDK raises told as a cloud that does not answer or refuses us.

    Raises:
        CloudUnreachable: the cloud did not do as it was asked.
    """
    from keystoneauth1 import exceptions as auth  # noqa: PLC0415 - heavy, seldom needed
    from openstack import exceptions  # noqa: PLC0415 - as above

    try:
        yield
    except (auth.ClientException, exceptions.SDKException) as error:
        raise CloudUnreachable(
            f"the cloud could not be looked at: {error}{request_of(error)}",
            hint="check that its services answer; for the embedded cloud: govstack sandbox status",
        ) from error
