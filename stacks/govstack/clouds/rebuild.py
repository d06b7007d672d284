"""Gives a server another image: it keeps its id, its ports and its volumes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from govstack.clouds.check import TIMEOUT
from govstack.clouds.patience import config_of
from govstack.errors import CloudUnreachable

if TYPE_CHECKING:
    from openstack.connection import Connection

PATIENCE: Final = 900
"""Seconds that a server may take until it is active again."""

INTERVAL: Final = 1


class Servers:
    """The servers of one system's project."""

    def __init__(self, cloud: "Connection") -> None:
        self._cloud = cloud

    def rebuild(self, server_id: str, image_id: str) -> bool:
        """Rebuild a server and wait until it is active; return whether that was needed.

        One that an earlier run has rebuilt, or begun to, is not rebuilt again.

        Raises:
            CloudUnreachable: the server did not become active, or the cloud refused.
        """
        from openstack import exceptions  # noqa: PLC0415 - heavy, seldom needed

        try:
            server = self._cloud.compute.get_server(server_id)
            needed = _image_of(server) != image_id or server.status == "ERROR"
            if needed:
                server = self._cloud.compute.rebuild_server(server, image=image_id)
            self._cloud.compute.wait_for_server(
                server, failures=["ERROR"], interval=INTERVAL, wait=PATIENCE
            )
        except exceptions.SDKException as error:
            raise CloudUnreachable(
                f"it did not become active again: {_reason(error)}",
                hint="look at it with openstack server show; then the same command again goes on",
            ) from error
        return bool(needed)


@contextmanager
def servers_of(clouds_file: Path, entry: str) -> Iterator[Servers]:
    """Open the project of an entry in clouds.yaml."""
    from openstack import connection  # noqa: PLC0415 - heavy, seldom needed

    cloud = connection.Connection(config=config_of(clouds_file).get_one(entry, api_timeout=TIMEOUT))
    try:
        yield Servers(cloud)
    finally:
        cloud.close()


def _image_of(server: Any) -> str:  # noqa: ANN401 - openstacksdk has no types for it
    return str(server.image.id) if server.image else ""


def _reason(error: BaseException) -> str:
    return str(getattr(error, "details", None) or error)
