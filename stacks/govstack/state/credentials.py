"""The environment's clouds.yaml: one entry for the platform, one for each system's project.

It is written before anything runs, since a provider that misses its entry fails the first preview.
"""

import json
from collections.abc import Mapping

from govstack.site.model import PLATFORM
from govstack.state.files import write_private
from govstack.state.places import Places
from govstack.values.secret import Secret

CloudEntry = Mapping[str, object]
"""One entry of a clouds.yaml; passwords in its ``auth`` are `Secret`."""


def write_clouds(places: Places, platform: CloudEntry, systems: Mapping[str, CloudEntry]) -> None:
    """Write the entries; what is written is JSON, which every YAML reader takes."""
    entries = {PLATFORM: platform, **systems}
    text = json.dumps({"clouds": entries}, indent=1, sort_keys=True, default=_reveal)
    if not places.clouds.exists() or places.clouds.read_text(encoding="utf-8") != text:
        write_private(places.clouds, text)


def system_entry(
    platform: CloudEntry, project: Mapping[str, str], user: str, password: Secret
) -> CloudEntry:
    """Return the entry of a system's service user, on the cloud of the platform's entry.

    The user and its project live in the domain of the platform's project.

    Args:
        platform: the entry of the platform.
        project: ``project_name`` or ``project_id``.
        user: the service user.
        password: its password.
    """
    auth = platform["auth"]
    if not isinstance(auth, Mapping):
        message = "a cloud entry has no auth section"
        raise TypeError(message)
    domain = auth.get("project_domain_name", "Default")
    return {
        **platform,
        "auth_type": "password",
        "auth": {
            "auth_url": auth["auth_url"],
            "username": user,
            "password": password,
            **project,
            "user_domain_name": domain,
            "project_domain_name": domain,
        },
    }


def _reveal(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    message = f"{type(value).__name__} has no place in a clouds.yaml"
    raise TypeError(message)
