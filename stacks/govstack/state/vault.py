"""Credentials of systems as Ansible Vault files, for clouds without a key manager.

They are encrypted with the environment's passphrase, so ``ansible-vault view`` opens them with
``--vault-password-file PASSPHRASE``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from govstack.errors import StateUnreadable
from govstack.state.files import write_private
from govstack.state.places import Places
from govstack.values.secret import Secret

Credentials = Mapping[str, tuple[str, Secret]]
"""Account and password by service."""


def write_vault(places: Places, system: str, credentials: Credentials, key: Secret) -> None:
    """Keep the credentials of a system, as ``credentials: {SERVICE: {account, password}}``."""
    content = {
        "credentials": {
            service: {"account": account, "password": password.reveal()}
            for service, (account, password) in sorted(credentials.items())
        }
    }
    write_private(places.vault / f"{system}.yml", seal(content, key))


def seal(content: Mapping[str, object], key: Secret) -> str:
    """Return content as the text of a vault file."""
    from ansible.parsing.vault import VaultLib, VaultSecret  # noqa: PLC0415 - heavy, seldom needed

    vault = VaultLib([("default", VaultSecret(key.reveal().encode()))])
    # JSON is YAML, and needs no library to be written.
    sealed: bytes = vault.encrypt(json.dumps(content, indent=1, ensure_ascii=False))
    return sealed.decode("ascii")


def read_vault(path: Path, key: Secret) -> dict[str, Any]:
    """Return what a vault file holds that `seal` has made.

    Raises:
        StateUnreadable: it is missing, damaged, or was made with another passphrase.
    """
    from ansible.errors import AnsibleError  # noqa: PLC0415 - heavy, seldom needed
    from ansible.parsing.vault import VaultLib, VaultSecret  # noqa: PLC0415 - heavy, seldom needed

    vault = VaultLib([("default", VaultSecret(key.reveal().encode()))])
    try:
        content = json.loads(vault.decrypt(path.read_bytes()))
    except FileNotFoundError as error:
        raise StateUnreadable(
            f"{path} is missing", hint="restore it from a backup: govstack state list"
        ) from error
    except (AnsibleError, ValueError) as error:
        raise StateUnreadable(
            f"{path} does not open with the passphrase of this environment",
            hint="put the passphrase in place that it was made with; if it is, the file is "
            "damaged: restore it from a backup: govstack state list",
        ) from error
    if not isinstance(content, dict):
        raise StateUnreadable(f"{path} holds something else than it should")
    return content
