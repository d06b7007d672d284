"""What the SDK raises, as errors of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from govstack.errors import CloudUnreachable


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
            f"the cloud could not be looked at: {error}",
            hint="check that its services answer; for the embedded cloud: govstack sandbox status",
        ) from error
