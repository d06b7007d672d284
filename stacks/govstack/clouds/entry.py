"""The operator's own entry for a cloud, as the ordinary client would find it."""

import os
from collections.abc import Mapping

from govstack.errors import CloudUnreachable
from govstack.values.secret import Secret

SECRET_KEYS = frozenset({"password", "application_credential_secret", "token"})
TRANSPORT_KEYS = (
    "auth_type",
    "region_name",
    "interface",
    "identity_api_version",
    "verify",
    "cacert",
)


FILE_VARIABLE = "OS_CLIENT_CONFIG_FILE"
"""Names the file that the ordinary client would read; other ``OS_`` variables are not heeded."""


def read_entry(name: str) -> Mapping[str, object]:
    """Return the entry of that name from the operator's clouds.yaml; secrets are `Secret`.

    Raises:
        CloudUnreachable: there is no such entry, or its file cannot be read.
    """
    from openstack import exceptions  # noqa: PLC0415 - heavy, needed for real clouds only
    from openstack.config import OpenStackConfig  # noqa: PLC0415 - as above

    try:
        config = OpenStackConfig(config_files=_files(), load_envvars=False).get_one(name).config
    except (exceptions.ConfigException, exceptions.SDKException) as error:
        raise CloudUnreachable(
            f"the cloud entry {name!r} cannot be used: {error}",
            hint="add it to clouds.yaml, in this folder or in ~/.config/openstack, or name the "
            f"file in {FILE_VARIABLE}",
        ) from error
    auth = {
        key: Secret(str(value)) if key in SECRET_KEYS else value
        for key, value in config["auth"].items()
    }
    kept = {key: config[key] for key in TRANSPORT_KEYS if config.get(key) is not None}
    return {**kept, "auth": auth}


def _files() -> list[str] | None:
    file = os.environ.get(FILE_VARIABLE)
    return [file] if file else None
