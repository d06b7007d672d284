"""Programs from the vendor's server: only if it answers at once, only with the right digest."""

import hashlib
import shutil
import tarfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Final

from govstack.engine.toolchain.model import Recipe, Tampered, Unavailable

VENDOR: Final = "https://get.pulumi.com/releases"
ANSWER_SECONDS: Final = 3.0
"""How long the first answer may take; a closed network must not cost more."""

STALL_SECONDS: Final = 30.0
CHUNK: Final = 1 << 18
LONGEST_LIST: Final = 1 << 20
ALGORITHMS: Final = {40: "sha1", 64: "sha256"}
"""By the number of digits.  The vendor lists plugins by SHA-1: to make another archive of the
same digest as a given one is still out of reach, and TLS vouches for the list itself."""

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Published:
    """The digest of an archive, as the vendor lists it."""

    algorithm: str
    digest: str


def download(
    recipe: Recipe,
    version: str,
    *,
    machine: str,
    aside: Path,
    progress: Progress,
    vendor: str = VENDOR,
) -> Path:
    """Download the program into a folder below `aside`; return that folder.

    Raises:
        Unavailable: the server does not answer, does not have it, or sent something else.
    """
    arch = dict(recipe.architectures).get(machine)
    if arch is None:
        raise Unavailable(f"the vendor has no program for {machine}")
    archive = recipe.archive.format(version=version, arch=arch)
    checksums = f"{vendor}/{recipe.checksums.format(version=version)}"
    published = _find(_at_once(checksums), archive.rsplit("/", 1)[1], checksums)
    file = aside / "archive.tar.gz"
    _fetch(f"{vendor}/{archive}", file, published, progress)
    unpacked = aside / "unpacked"
    _unpack(file, recipe.members, unpacked)
    return unpacked


def _at_once(url: str) -> str:
    """Return a small text, or give up after a few seconds whatever the network does.

    A time-out of the socket does not cover the look-up of the name, so a thread does it all.
    """
    answers: Queue[str | Exception] = Queue()
    threading.Thread(target=_read_into, args=(url, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=ANSWER_SECONDS)
    except Empty:
        raise Unavailable(f"no answer within {ANSWER_SECONDS:g} s from {url}") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _read_into(url: str, answers: "Queue[str | Exception]") -> None:
    try:
        with _opened(url, ANSWER_SECONDS) as response:
            answers.put(response.read(LONGEST_LIST).decode("utf-8", "replace"))
    except Exception as error:  # noqa: BLE001 - it is raised again by whoever waits
        answers.put(error)


def _find(listed: str, name: str, url: str) -> Published:
    """Return the digest of this name in a list as sha256sum and shasum write them."""
    for line in listed.splitlines():
        digest, _, listed_name = line.partition(" ")
        plain_name = listed_name.strip().removeprefix("*").removeprefix("./")
        if plain_name == name and len(digest) in ALGORITHMS:
            return Published(ALGORITHMS[len(digest)], digest.lower())
    raise Unavailable(f"{name} is not listed in {url}")


def _fetch(url: str, file: Path, published: Published, progress: Progress) -> None:
    hasher = hashlib.new(published.algorithm)
    done = 0
    with _opened(url, STALL_SECONDS) as response, file.open("xb") as target:
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdecimal() else None
        while chunk := response.read(CHUNK):
            target.write(chunk)
            hasher.update(chunk)
            done += len(chunk)
            progress(done, total)
    if total is not None and done < total:
        raise Unavailable(f"the connection broke after {done} of {total} bytes of {url}")
    if hasher.hexdigest() != published.digest:
        raise Tampered(
            f"{url} is not what the vendor published: its {published.algorithm} is "
            f"{hasher.hexdigest()}, not {published.digest}"
        )


@contextmanager
def _opened(url: str, timeout: float) -> Iterator[HTTPResponse]:
    """Open a URL through the user's proxies; every failure is a closed way."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310 - ours
            yield response
    except urllib.error.HTTPError as error:
        error.close()
        raise Unavailable(f"{url} answered {error.code}") from error
    except urllib.error.URLError as error:
        raise Unavailable(f"{url} cannot be reached: {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise Unavailable(f"{url} could not be taken: {error}") from error


def _unpack(file: Path, members: tuple[str, ...], folder: Path) -> None:
    """Take the wanted files out by their last name; nothing in the archive says where to."""
    folder.mkdir()
    try:
        with tarfile.open(file, "r:gz") as archive:
            for entry in archive:
                name = Path(entry.name).name
                content = archive.extractfile(entry) if name in members else None
                if content is not None:
                    _save(content, folder / name)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Unavailable(f"the vendor's archive cannot be unpacked: {error}") from error
    if not (folder / members[0]).is_file():
        raise Unavailable(f"the vendor's archive holds no {members[0]}")


def _save(content: IO[bytes], path: Path) -> None:
    with path.open("wb") as target:
        shutil.copyfileobj(content, target)
    path.chmod(0o755)
