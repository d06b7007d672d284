"""The engine's home: the provider is a plugin there, and nothing is fetched."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from govstack.engine.toolchain import Origin, Program, Toolchain, environment
from govstack.engine.toolchain import home as module

PLUGIN = Path("plugins", "resource-openstack-v5.5.3", "pulumi-resource-openstack")


def toolchain(folder: Path) -> Toolchain:
    programs = []
    for name, version in (("pulumi", "3.259.0"), ("pulumi-resource-openstack", "5.5.3")):
        path = folder / name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
        path.chmod(0o755)
        programs.append(Program(name, path, version, Origin.BUILT, "built"))
    return Toolchain(*programs)


def test_the_environment_names_the_home_and_fetches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    home = tmp_path / "home"

    variables = environment(toolchain(tmp_path), home)

    assert variables == {
        "GOGC": "400",
        "PATH": f"{tmp_path}/pulumi:/usr/bin",
        "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PULUMI_HOME": str(home),
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_SUPPRESS_NEO_LINK": "true",
    }
    assert home.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (home / PLUGIN).parent.iterdir()] == [PLUGIN.name]


def test_the_plugin_outlives_the_cache_and_follows_a_new_build(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = toolchain(tmp_path / "first")
    environment(first, home)
    first.provider.path.unlink()
    assert (home / PLUGIN).read_text() == "pulumi-resource-openstack"

    second = toolchain(tmp_path / "second")
    environment(second, home)

    assert (home / PLUGIN).samefile(second.provider.path)


def test_on_another_disk_it_is_a_symbolic_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(module.os, "link", refuse)
    tools = toolchain(tmp_path)

    for _ in range(2):
        environment(tools, tmp_path / "home")

    assert (tmp_path / "home" / PLUGIN).readlink() == tools.provider.path


def test_many_at_once_end_with_one_plugin(tmp_path: Path) -> None:
    tools = toolchain(tmp_path)
    home = tmp_path / "home"

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: environment(tools, home), range(32)))

    assert [path.name for path in (home / PLUGIN).parent.iterdir()] == [PLUGIN.name]
    assert (home / PLUGIN).samefile(tools.provider.path)


def test_a_plugin_that_is_there_already_stays_where_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tools = toolchain(tmp_path)
    environment(tools, home)
    there = Program("provider", home / PLUGIN, "5.5.3", Origin.PRESENT, "found")

    environment(Toolchain(tools.pulumi, there), home)

    assert (home / PLUGIN).read_text() == "pulumi-resource-openstack"


def test_no_logs_are_kept(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "logs").mkdir(parents=True)
    (home / "logs" / "pulumi-20260101T000000-1.log").write_text("old")
    environment(toolchain(tmp_path), home)
    environment(toolchain(tmp_path), home)
    assert (home / "logs").is_file()
