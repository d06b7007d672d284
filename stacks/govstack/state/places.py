"""Where an environment keeps what: one folder for each (site, environment).

The embedded cloud lives on one machine and belongs to one site folder.  Its environments are
therefore keyed by that folder too, so that two checkouts do not share a cloud.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from govstack.site.model import Environment


@dataclass(frozen=True, slots=True)
class Places:
    """The files and folders of one environment, all below `root`.

    `manager` is the address of the key manager that is to protect its secrets, if there is one.
    """

    root: Path
    manager: str = ""

    @property
    def backend(self) -> Path:
        """Return the folder that Pulumi keeps its state in."""
        return self.root / "pulumi"

    @property
    def engine_home(self) -> Path:
        """Return the folder that the engine takes for its home."""
        return self.root / "engine"

    @property
    def workspaces(self) -> Path:
        """Return the folder with one workspace for each stack."""
        return self.root / "workspaces"

    @property
    def records(self) -> Path:
        """Return the folder with the last record of each system."""
        return self.root / "records"

    @property
    def clouds(self) -> Path:
        """Return the clouds.yaml with an entry for each project."""
        return self.root / "clouds.yaml"

    @property
    def passphrase(self) -> Path:
        """Return the file with the passphrase of Pulumi's secrets."""
        return self.root / "passphrase"

    @property
    def wrapped_key(self) -> Path:
        """Return the file with the key of all secrets, as the key manager has wrapped it."""
        return self.root / "wrapped-key.json"

    @property
    def passwords(self) -> Path:
        """Return the file with the passwords of the systems' service users."""
        return self.root / "passwords.json"

    @property
    def vault(self) -> Path:
        """Return the folder with the credentials of each system, as Ansible Vault files."""
        return self.root / "vault"

    @property
    def login(self) -> Path:
        """Return the folder with the key to the servers, and what ssh needs to know of them."""
        return self.root / "ssh"

    @property
    def trust(self) -> Path:
        """Return the folder with what others know of the site's authorities: no secret is there."""
        return self.root / "trust"

    @property
    def hosts(self) -> Path:
        """Return the folder with what each host was last configured with."""
        return self.root / "hosts"

    @property
    def runs(self) -> Path:
        """Return the folder with what the last runs on hosts did: no secret is there."""
        return self.root / "runs"

    @property
    def lock(self) -> Path:
        """Return the file that whoever changes the environment locks."""
        return self.root / "lock"

    @property
    def sandbox(self) -> Path:
        """Return the folder of the embedded cloud."""
        return self.root / "cloud"


def places_of(state_home: Path, site_root: Path, environment: Environment) -> Places:
    """Return the places of an environment of the site in this folder."""
    name = environment.name
    if environment.is_embedded:
        key = hashlib.sha256(str(site_root.resolve()).encode()).hexdigest()[:8]
        name = f"{name}-{key}"
    return Places(state_home / site_root.resolve().name / name, environment.secrets)
