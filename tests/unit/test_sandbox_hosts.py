"""Whether servers of an embedded cloud are real hosts, and what is said if they are not."""

import json
import os
import shutil
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from govstack.errors import SandboxFailed
from govstack.sandbox import base, hosts, pump, reaching
from govstack.sandbox.layout import Layout
from govstack.values.observer import Event, Note


class Told:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def notify(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cloud"


def test_an_ordinary_user_has_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert hosts.lacking(root) == "govstack does not run as root"


def test_missing_programs_are_named_with_their_packages(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    there = {"ip", "unshare", "ssh-keygen"}
    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    assert hosts.lacking(root) == (
        "systemd-nspawn, nft, mmdebstrap is not installed"
        " (on Debian: apt install mmdebstrap nftables systemd-container)"
    )


def test_a_new_cloud_on_a_machine_without_says_so_in_one_line(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "lacking", lambda _root: "nft is not installed")
    told = Told()
    hosts.prepare(root, told, cache=tmp_path)
    assert told.events == [Note("Servers will be entries without hosts: nft is not installed")]
    assert not hosts.has_hosts(root)


def test_a_new_cloud_gets_the_base(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.mkdir()
    monkeypatch.setattr(hosts, "lacking", lambda _root: "")
    monkeypatch.setattr(hosts, "ensure_base", lambda _cache, _observer: Path("/base"))
    hosts.prepare(root, Told(), cache=tmp_path)
    document = json.loads(Layout(root).hosts.read_text(encoding="utf-8"))
    assert document == {"format": 1, "bases": {"debian-12": "/base"}}


def test_a_cloud_made_without_stays_without(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.mkdir()
    Layout(root).cloud.touch()
    monkeypatch.setattr(hosts, "lacking", lambda _root: "")
    hosts.prepare(root, Told(), cache=tmp_path)
    assert not hosts.has_hosts(root)


def test_a_cloud_with_hosts_needs_what_they_need(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.mkdir()
    Layout(root).cloud.touch()
    Layout(root).hosts.touch()
    monkeypatch.setattr(hosts, "lacking", lambda _root: "nft is not installed")
    with pytest.raises(SandboxFailed, match="are real hosts, but nft is not installed"):
        hosts.prepare(root, Told(), cache=tmp_path)


def test_the_probe_leaves_nothing(root: Path) -> None:
    if os.geteuid() or hosts.lacking(root):
        pytest.skip(f"this machine has no hosts: {hosts.lacking(root)}")
    mounts = Path("/proc/mounts").read_text(encoding="utf-8")
    assert hosts.lacking(root) == ""
    assert list(root.iterdir()) == []
    assert Path("/proc/mounts").read_text(encoding="utf-8") == mounts


def test_a_base_is_named_by_what_it_is_made_of(tmp_path: Path) -> None:
    first = base.base_of(tmp_path)
    more = replace(base.DEBIAN, packages=(*base.PACKAGES, "curl"))
    assert base.base_of(tmp_path, more) != first
    assert "curl" in " ".join(base.command(first, more))


def test_a_base_is_another_when_a_file_that_it_is_made_with_is(tmp_path: Path) -> None:
    folder = tmp_path / "rpm"
    shutil.copytree(base.RPM_FOLDER, folder)
    copied = replace(base.OPENEULER, folder=folder)
    assert copied.digest == base.OPENEULER.digest
    with (folder / "packages.toml").open("a", encoding="utf-8") as file:
        file.write("\n[more]\n")
    assert copied.digest != base.OPENEULER.digest


def test_what_the_maker_mounts_goes_with_it(tmp_path: Path) -> None:
    for recipe in (base.DEBIAN, base.OPENEULER):
        command = base.command(tmp_path, recipe)
        assert command[:5] == ["unshare", "--mount", "--propagation", "private", "mmdebstrap"]


def test_nothing_is_removed_behind_a_mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = base.base_of(tmp_path)
    (tree / "proc").mkdir(parents=True)
    (tree / "proc/1").touch()
    mounts = tmp_path / "mounts"
    mounts.write_text(f"49 27 0:525 / {tree}/proc ro - proc proc ro\n", encoding="utf-8")
    monkeypatch.setattr(base, "MOUNTS", mounts)
    with pytest.raises(SandboxFailed, match="something is mounted at") as caught:
        base.ensure_base(tmp_path, Told())
    assert caught.value.hint == f"umount {tree}/proc"
    assert (tree / "proc/1").exists()


def test_a_cloud_gets_the_bases_that_its_images_ask_for(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.mkdir()
    monkeypatch.setattr(hosts, "lacking", lambda _root: "")
    monkeypatch.setattr(
        hosts,
        "ensure_base",
        lambda _cache, _observer, recipe=base.DEBIAN: Path("/", recipe.name),
    )
    hosts.prepare(root, Told(), cache=tmp_path, systems={"debian", "kylin"})
    assert not hosts.has_bases(root, {"openeuler"})
    assert hosts.base_for(root, "openeuler") == "/debian-12"
    hosts.prepare(root, Told(), cache=tmp_path, systems={"openeuler"})
    assert hosts.has_bases(root, {"debian", "openeuler"})
    assert hosts.base_for(root, "openeuler") == f"/{base.RPM_NAME}"
    assert hosts.base_for(root, "kylin") == "/debian-12"


def test_a_base_that_was_not_finished_or_is_damaged_is_none(tmp_path: Path) -> None:
    tree = base.base_of(tmp_path)
    assert not base.is_complete(tree)
    (tree / "usr/lib/systemd").mkdir(parents=True)
    (tree / "usr/lib/systemd/systemd").touch()
    assert not base.is_complete(tree)
    (tree.parent / base.COMPLETE).touch()
    assert base.is_complete(tree)
    (tree / "usr/lib/systemd/systemd").unlink()
    assert not base.is_complete(tree)


def test_a_cloud_without_hosts_lets_nobody_in(root: Path) -> None:
    Layout(root).run.mkdir(parents=True)
    with pytest.raises(SandboxFailed, match="has no hosts that could be reached"):
        reaching.connect(root, "203.0.113.7", 22)


def test_a_connection_is_handed_over_and_pumped(root: Path) -> None:
    layout = Layout(root)
    layout.run.mkdir(parents=True)
    near, far = socket.socketpair()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as helper:
        helper.bind(str(layout.helper))
        helper.listen()
        answering = threading.Thread(target=_hand_over, args=(helper, near))
        answering.start()
        connection = reaching.connect(root, "203.0.113.7", 22)
        answering.join()
    source, feed = os.pipe()
    result, target = os.pipe()
    os.write(feed, b"asked")
    os.close(feed)
    far.sendall(b"answered")
    far.shutdown(socket.SHUT_WR)
    with connection, far:
        pump(connection, source, target)
        assert far.recv(16) == b"asked"
    assert os.read(result, 16) == b"answered"
    for descriptor in (source, result, target):
        os.close(descriptor)


def _hand_over(helper: socket.socket, connection: socket.socket) -> None:
    asking, _ = helper.accept()
    with asking, connection:
        assert json.loads(asking.recv(4096)) == {
            "verb": "connect",
            "host": "203.0.113.7",
            "port": 22,
        }
        socket.send_fds(asking, [b"{}\n"], [connection.fileno()])
