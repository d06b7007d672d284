"""Connections by the environment's own clouds.yaml."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from govstack.clouds.patience import config_of

if TYPE_CHECKING:
    from openstack.connection import Connection

TIMEOUT = 60
"""Seconds that the cloud has to answer a call."""


def connect(clouds_file: Path, entry: str) -> "Connection":
    """Return a connection by this entry and nothing else; nothing is asked yet."""
    from openstack import connection  # noqa: PLC0415 - heavy, seldom needed

    return connection.Connection(config=config_of(clouds_file).get_one(entry, api_timeout=TIMEOUT))


def identity_of(cloud: "Connection") -> Any:  # noqa: ANN401 - the SDK knows versions that are gone
    """Return the identity service, which speaks version 3."""
    return cloud.identity


def refuses(cloud: "Connection") -> bool:
    """Tell whether the cloud does not know the user of a connection, or not for its project."""
    from keystoneauth1 import exceptions as auth  # noqa: PLC0415 - heavy, seldom needed
    from openstack import exceptions  # noqa: PLC0415 - as above

    try:
        cloud.authorize()
    except (auth.Unauthorized, auth.Forbidden):
        return True
    except exceptions.SDKException as error:
        if isinstance(error.__cause__ or error.__context__, auth.Unauthorized | auth.Forbidden):
            return True
        raise
    return False
