"""Programs that the machine has: which fit, and when they are asked for their version."""

from pathlib import Path

import pytest

from govstack.engine.toolchain.model import CLI, PROVIDER, Origin, Program, Unavailable
from govstack.engine.toolchain.present import present


def put(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho asked >> {path}.log\n{version}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def times_asked(path: Path) -> int:
    return len(path.with_name(f"{path.name}.log").read_text().splitlines())


def test_a_program_is_asked_again_once_it_has_changed(tmp_path: Path) -> None:
    kept, variables = tmp_path / "cache" / "versions.json", {"PATH": str(tmp_path)}
    path = put(tmp_path / "pulumi", "echo v3.259.0")

    found = [present(CLI, "3.259.0", kept=kept, variables=variables) for _ in range(2)]

    fits = Program("pulumi", path, "3.259.0", Origin.PRESENT, f"found on PATH: {path}")
    assert found == [fits, fits]
    assert times_asked(path) == 1

    put(path, "echo v3.1.0")
    with pytest.raises(Unavailable) as unfit:
        present(CLI, "3.259.0", kept=kept, variables=variables)
    assert str(unfit.value) == f"{path} is version 3.1.0, not 3.259.0"
    assert times_asked(path) == 2


def test_a_spoilt_memory_is_made_anew(tmp_path: Path) -> None:
    kept = tmp_path / "versions.json"
    kept.write_text("{", encoding="utf-8")
    put(tmp_path / "pulumi", "echo v3.259.0")

    present(CLI, "3.259.0", kept=kept, variables={"PATH": str(tmp_path)})

    assert "3.259.0" in kept.read_text(encoding="utf-8")


def test_a_plugin_among_pulumis_own_goes_before_one_on_path(tmp_path: Path) -> None:
    home = tmp_path / "home"
    plugin = put(
        home / "plugins" / "resource-openstack-v5.5.3" / "pulumi-resource-openstack", "echo 5.5.3"
    )
    on_path = put(tmp_path / "bin" / "pulumi-resource-openstack", "exit 1")
    variables = {"PATH": str(on_path.parent), "PULUMI_HOME": str(home)}

    found = present(PROVIDER, "5.5.3", kept=tmp_path / "kept", variables=variables)

    assert (found.path, found.reason) == (plugin, f"found among Pulumi's plugins: {plugin}")

    put(plugin, "echo 5.5.2")
    with pytest.raises(Unavailable) as unfit:
        present(PROVIDER, "5.5.3", kept=tmp_path / "kept", variables=variables)
    assert str(unfit.value) == (
        f"{plugin} is version 5.5.2, not 5.5.3; {on_path} is version unknown, not 5.5.3"
    )
