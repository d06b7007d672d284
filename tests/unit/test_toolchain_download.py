"""Downloads: whole and as published, or not at all."""

import hashlib
import io
import socket
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from govstack.engine.toolchain import download as module
from govstack.engine.toolchain.download import download
from govstack.engine.toolchain.model import CLI, PROVIDER, Recipe, Tampered, Unavailable

CLI_ARCHIVE = "sdk/pulumi-v3.259.0-linux-x64.tar.gz"
CLI_LIST = "sdk/pulumi-3.259.0-checksums.txt"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach 127.0.0.1 directly, whatever the developer's settings are."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


CONTENT = archive(
    **{
        "pulumi/pulumi": b"the CLI",
        "pulumi/pulumi-language-go": b"not wanted",
        "../../pulumi-language-python": b"stays inside",
    }
)


def listed(content: bytes, name: str, algorithm: str = "sha256", prefix: str = "") -> bytes:
    other = "0" * hashlib.new(algorithm).digest_size * 2
    digest = hashlib.new(algorithm, content).hexdigest()
    return f"{other}  {prefix}other.tar.gz\n{digest}  {prefix}{name}\n".encode()


@contextmanager
def server(files: dict[str, bytes], *, cut: int = 0, stall: bool = False) -> Iterator[str]:
    """Serve these files; `cut` drops that many bytes of archives, `stall` never answers."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path.removeprefix("/"))
            if stall:
                released.wait(30)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            kept = len(content) - cut if self.path.endswith(".gz") else len(content)
            self.wfile.write(content[:kept])

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{served.server_port}"
        finally:
            released.set()
            served.shutdown()
            thread.join()


def take(vendor: str, aside: Path, recipe: Recipe = CLI, machine: str = "x86_64") -> Path:
    return download(
        recipe,
        recipe.builds,
        machine=machine,
        aside=aside,
        progress=lambda _done, _total: None,
        vendor=vendor,
    )


def test_the_wanted_files_are_taken_out_of_a_verified_archive(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    files = {CLI_ARCHIVE: CONTENT, CLI_LIST: listed(CONTENT, CLI_ARCHIVE.split("/")[1])}

    with server(files) as vendor:
        folder = download(
            CLI,
            "3.259.0",
            machine="x86_64",
            aside=tmp_path,
            progress=lambda done, total: seen.append((done, total)),
            vendor=vendor,
        )

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "pulumi": b"the CLI",
        "pulumi-language-python": b"stays inside",
    }
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o755}
    assert seen == [(len(CONTENT), len(CONTENT))]


def test_plugins_are_listed_by_sha1_with_a_dot_before_the_name(tmp_path: Path) -> None:
    name = "pulumi-resource-openstack-v5.5.3-linux-arm64.tar.gz"
    content = archive(**{"pulumi-resource-openstack": b"the plugin"})
    files = {
        f"plugins/{name}": content,
        "plugins/pulumi-openstack_5.5.3_checksums.txt": listed(content, name, "sha1", "./"),
    }

    with server(files) as vendor:
        folder = take(vendor, tmp_path, PROVIDER, "aarch64")

    assert (folder / "pulumi-resource-openstack").read_bytes() == b"the plugin"


def test_another_archive_than_the_published_one_is_refused(tmp_path: Path) -> None:
    files = {CLI_ARCHIVE: CONTENT, CLI_LIST: listed(b"published", CLI_ARCHIVE.split("/")[1])}

    with server(files) as vendor, pytest.raises(Tampered) as refused:
        take(vendor, tmp_path)

    assert str(refused.value) == (
        f"{vendor}/{CLI_ARCHIVE} is not what the vendor published: its sha256 is "
        f"{hashlib.sha256(CONTENT).hexdigest()}, not {hashlib.sha256(b'published').hexdigest()}"
    )


def test_a_broken_connection_is_told_from_tampering(tmp_path: Path) -> None:
    files = {CLI_ARCHIVE: CONTENT, CLI_LIST: listed(CONTENT, CLI_ARCHIVE.split("/")[1])}

    with server(files, cut=10) as vendor, pytest.raises(Unavailable) as refused:
        take(vendor, tmp_path)

    size = len(CONTENT)
    assert type(refused.value) is Unavailable
    assert str(refused.value) == (
        f"the connection broke after {size - 10} of {size} bytes of {vendor}/{CLI_ARCHIVE}"
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, f"/{CLI_LIST} answered 404"),
        ({CLI_LIST: b"\n"}, "pulumi-v3.259.0-linux-x64.tar.gz is not listed in "),
        ({CLI_LIST: listed(b"", CLI_ARCHIVE.split("/")[1])}, f"/{CLI_ARCHIVE} answered 404"),
    ],
)
def test_what_the_vendor_does_not_have_is_unavailable(
    tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    with server(files) as vendor, pytest.raises(Unavailable) as refused:
        take(vendor, tmp_path)

    assert message in str(refused.value)


def test_an_archive_without_the_program_is_unavailable(tmp_path: Path) -> None:
    for number, (content, message) in enumerate(
        [
            (archive(other=b""), "the vendor's archive holds no pulumi"),
            (b"not an archive", "the vendor's archive cannot be unpacked: not a gzip file"),
        ]
    ):
        files = {CLI_ARCHIVE: content, CLI_LIST: listed(content, CLI_ARCHIVE.split("/")[1])}
        aside = tmp_path / str(number)
        aside.mkdir()
        with server(files) as vendor, pytest.raises(Unavailable) as refused:
            take(vendor, aside)
        assert str(refused.value) == message


def test_a_server_that_does_not_answer_at_once_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.05)

    with server({}, stall=True) as vendor, pytest.raises(Unavailable) as refused:
        take(vendor, tmp_path)

    assert f"{vendor}/{CLI_LIST}" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_port_and_an_unknown_machine_are_unavailable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(Unavailable, match=r"cannot be reached: .*refused"):
        take(f"http://127.0.0.1:{port}", tmp_path)
    with pytest.raises(Unavailable, match="the vendor has no program for mips"):
        take("http://127.0.0.1:9", tmp_path, machine="mips")
