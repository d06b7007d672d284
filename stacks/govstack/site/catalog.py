"""What the catalog of a site holds: classes of nodes and volumes, images, copies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """Something that the cloud has already, by name or by id; looked up and never changed."""

    name: str = ""
    id: str = ""

    def __str__(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavor:
    """A class of nodes: what one of them is given; `adopted` if the cloud has it already."""

    id: str
    vcpus: int
    ram_mb: int
    disk_gb: int
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An operating system: an image that the cloud has, or a file to upload.

    A file is uploaded once under a name with its digest, so that a name never changes content.
    """

    id: str
    os_distro: str
    os_version: str = ""
    adopted: Adopted | None = None
    file: str = ""
    sha256: str = ""
    disk_format: str = "qcow2"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeType:
    """A class of volumes; an encrypted one is always adopted, since its key is the cloud's."""

    id: str
    description: str = ""
    encrypted: bool = False
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPolicy:
    """How often data are copied, and for how long a copy is kept."""

    id: str
    every_hours: int
    keep_days: int
