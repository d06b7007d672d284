"""Credentials of systems as Ansible Vault files, for clouds without a key manager.

They are encrypted with the environment's passphrase, so ``ansible-vault view`` opens them with
``--vault-password-file PASSPHRASE``.
"""

import json
from collections.abc import Mapping

from govstack.state.files import write_private
from govstack.state.places import Places
from govstack.values.secret import Secret

Credentials = Mapping[str, tuple[str, Secret]]
"""Account and password by service."""


def write_vault(places: Places, system: str, credentials: Credentials, key: Secret) -> None:
    """Keep the credentials of a system, as ``credentials: {SERVICE: {account, password}}``."""
    from ansible.parsing.vault import VaultLib, VaultSecret  # noqa: PLC0415 - heavy, seldom needed

    content = {
        "credentials": {
            service: {"account": account, "password": password.reveal()}
            for service, (account, password) in sorted(credentials.items())
        }
    }
    vault = VaultLib([("default", VaultSecret(key.reveal().encode()))])
    # JSON is YAML, and needs no library to be written.
    sealed: bytes = vault.encrypt(json.dumps(content, indent=1, ensure_ascii=False))
    write_private(places.vault / f"{system}.yml", sealed.decode("ascii"))
