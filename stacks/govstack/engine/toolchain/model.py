"""What a toolchain is made of, and how each program of it can be had."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Origin(StrEnum):
    """Where a program came from."""

    PRESENT = "present"
    CACHED = "cached"
    DOWNLOADED = "downloaded"
    BUILT = "built"


@dataclass(frozen=True, slots=True)
class Program:
    """An executable that fits; `version` has no leading v, `reason` is for people."""

    name: str
    path: Path
    version: str
    origin: Origin
    reason: str


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The engine's command line and the provider that it starts."""

    pulumi: Program
    provider: Program


@dataclass(frozen=True, slots=True)
class Finding:
    """What would be taken for one program, without having taken it.

    Attributes:
        program: None if nothing that fits is there yet.
        reasons: why this one, or what would be tried next and why not the rest.
        hint: what to do if the program cannot be had at all; empty if it can.
    """

    name: str
    version: str
    program: Program | None
    reasons: tuple[str, ...]
    hint: str = ""

    @property
    def available(self) -> bool:
        """Tell whether the program is there or can be made."""
        return not self.hint


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one program is recognised, downloaded and built.

    Attributes:
        name: what we call it; also the folder of its Go sources.
        title: what people call it.
        binary: the file's name.
        distribution: the Python package whose version it must have.
        asks_version: the argument that makes it print its version.
        builds: the only version that the Go sources make.
        space: how many bytes of disk the build takes, with all that Go keeps.
        package: what `go build` is told to build.
        stamp: the linker's definition of the version, with a ``{version}``.
        archive: the vendor's archive, with a ``{version}`` and an ``{arch}``.
        checksums: the vendor's list of digests, with a ``{version}``.
        members: which files of the archive are wanted; the first is the program.
        architectures: the vendor's words for ours.
    """

    name: str
    title: str
    binary: str
    distribution: str
    asks_version: str
    builds: str
    space: int
    package: str
    stamp: str
    archive: str
    checksums: str
    members: tuple[str, ...]
    architectures: tuple[tuple[str, str], ...]


CLI = Recipe(
    name="pulumi",
    title="Pulumi CLI",
    binary="pulumi",
    distribution="pulumi",
    asks_version="version",
    builds="3.259.0",
    space=4_000_000_000,
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    stamp="github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",
    archive="sdk/pulumi-v{version}-linux-{arch}.tar.gz",
    checksums="sdk/pulumi-{version}-checksums.txt",
    members=("pulumi", "pulumi-language-python", "pulumi-language-python-exec"),
    architectures=(("x86_64", "x64"), ("aarch64", "arm64")),
)

PROVIDER = Recipe(
    name="provider",
    title="OpenStack provider",
    binary="pulumi-resource-openstack",
    distribution="pulumi-openstack",
    asks_version="-version",
    builds="5.5.3",
    space=2_000_000_000,
    package=".",
    stamp="main.version={version}",
    archive="plugins/pulumi-resource-openstack-v{version}-linux-{arch}.tar.gz",
    checksums="plugins/pulumi-openstack_{version}_checksums.txt",
    members=("pulumi-resource-openstack",),
    architectures=(("x86_64", "amd64"), ("aarch64", "arm64")),
)


def plugin_folder(version: str) -> str:
    """Return the name of the folder below ``plugins`` in which Pulumi looks for the provider."""
    return f"resource-openstack-v{version}"


class Unavailable(Exception):
    """One way to a program is closed; the next one is tried.  `str()` says why."""


class Tampered(Unavailable):
    """The vendor's server sent something else than the vendor published."""
