"""The provider and the SDK agree: on every token, and on every property below it.

The provider itself is asked (``-mapping``); the SDK is read, since it has no list of its own.
"""

import ast
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from govstack.engine.toolchain import Toolchain, environment, find_toolchain
from govstack.engine.toolchain.tokens import read_tokens, sdk_folder
from govstack.values.observer import Silent

pytestmark = pytest.mark.e2e

Tree = Mapping[str, tuple[str, "Tree"]]
"""Names of properties, each with its type and the properties of the objects in it."""

RESOURCES = "resources"
FUNCTIONS = "functions"
TYPE = re.compile(r"(?P<list>Sequence)|(?P<map>Mapping)|_builtins\.(?P<plain>\w+)|(?P<object>')")
NESTED = re.compile(r"\b(?:outputs\.)?([A-Z]\w+)'")


@dataclass
class Sdk:
    """The classes of the installed SDK, read from its source."""

    root: Path
    _modules: dict[Path, dict[str, ast.ClassDef]] = field(default_factory=dict)

    @cached_property
    def resources(self) -> dict[str, tuple[Path, str]]:
        """Return the file and class of each resource, by token."""
        return {
            token: (path, name)
            for path in self.root.rglob("*.py")
            for name, definition in self.classes(path).items()
            for token in self._registered(definition)
        }

    @cached_property
    def functions(self) -> dict[str, tuple[Path, str]]:
        """Return the file and class of each function's result, by token."""
        found = {}
        call = re.compile(r"runtime\.invoke\('([^']+)'.*typ=(\w+)\)")
        for path in self.root.rglob("*.py"):
            for token, name in call.findall(path.read_text(encoding="utf-8")):
                found[token] = (path, name)
        return found

    def classes(self, path: Path) -> dict[str, ast.ClassDef]:
        if path not in self._modules:
            body = ast.parse(path.read_text(encoding="utf-8")).body
            self._modules[path] = {
                statement.name: statement
                for statement in body
                if isinstance(statement, ast.ClassDef)
            }
        return self._modules[path]

    def tree(self, path: Path, name: str) -> Tree:
        """Return the properties of a class, with those of the classes that they hold."""
        out: dict[str, tuple[str, Tree]] = {}
        for property_name, annotation in self._getters(self.classes(path)[name]):
            kind = TYPE.search(annotation)
            assert kind, f"{name}.{property_name} is of an unknown type: {annotation}"
            nested = next(self._nested(path, annotation), None)
            out[property_name] = (
                kind["plain"] or str(kind.lastgroup),
                self.tree(*nested) if nested else {},
            )
        return out

    def _nested(self, path: Path, annotation: str) -> Iterator[tuple[Path, str]]:
        for name in NESTED.findall(annotation):
            for file in (path.with_name("outputs.py"), path.with_name("_inputs.py")):
                if file.exists() and name in self.classes(file):
                    yield file, name

    @staticmethod
    def _getters(definition: ast.ClassDef) -> Iterator[tuple[str, str]]:
        for member in definition.body:
            if not isinstance(member, ast.FunctionDef):
                continue
            for decorator in map(ast.unparse, member.decorator_list):
                if decorator.startswith("pulumi.getter"):
                    given = re.search(r"name='(\w+)'", decorator)
                    annotation = ast.unparse(member.returns) if member.returns else ""
                    yield given[1] if given else member.name, annotation

    @staticmethod
    def _registered(definition: ast.ClassDef) -> list[str]:
        decorators = " ".join(map(ast.unparse, definition.decorator_list))
        return re.findall(r"pulumi\.type_token\('([^']+)'\)", decorators)


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = os.environ.get("GOVSTACK_CACHE_HOME") or Path(base, "govstack")
    return find_toolchain(Silent(), cache=Path(cache))


@pytest.fixture(scope="module")
def mapping(toolchain: Toolchain) -> dict[str, Any]:
    if "built with Go" not in toolchain.provider.reason:
        pytest.skip(f"the provider is the vendor's own: {toolchain.provider.reason}")
    answer = subprocess.run(
        [toolchain.provider.path, "-mapping"], capture_output=True, text=True, check=True
    )
    assert answer.stderr == ""
    described: dict[str, Any] = json.loads(answer.stdout)
    return described


@pytest.fixture(scope="module")
def sdk() -> Sdk:
    return Sdk(sdk_folder())


def shape(properties: Mapping[str, Any], *, inputs_only: bool = False) -> Tree:
    return {
        name: (entry["type"], shape(entry.get("properties", {})))
        for name, entry in properties.items()
        if entry["input"] or not inputs_only
    }


def test_every_token_of_the_sdk_has_its_terraform_type_and_none_is_left(
    mapping: dict[str, Any],
) -> None:
    table = read_tokens(sdk_folder())

    assert mapping["leftovers"] == {"data_sources": [], "resources": [], "tokens": []}
    assert set(mapping[RESOURCES]) == set(table.resources)
    assert set(mapping[FUNCTIONS]) == set(table.functions)


def test_the_table_leaves_out_only_former_names(sdk: Sdk) -> None:
    table = read_tokens(sdk.root)
    left_out = (set(sdk.resources) - set(table.resources)) | (
        set(sdk.functions) - set(table.functions)
    )

    assert left_out - {"pulumi:providers:openstack"} == {
        "openstack:index/bgpvpnNetworkAssociateV2:BgpvpnNetworkAssociateV2",
        "openstack:index/bgpvpnPortAssociateV2:BgpvpnPortAssociateV2",
        "openstack:index/bgpvpnRouterAssociateV2:BgpvpnRouterAssociateV2",
        "openstack:index/bgpvpnV2:BgpvpnV2",
        "openstack:index/getFwGroupV2:getFwGroupV2",
        "openstack:index/getFwPolicyV2:getFwPolicyV2",
        "openstack:index/getFwRuleV2:getFwRuleV2",
        "openstack:index/lbFlavorprofileV2:LbFlavorprofileV2",
        "openstack:index/lbLoadbalancerV2:LbLoadbalancerV2",
        "openstack:index/workflowWorkflowV2:WorkflowWorkflowV2",
    }


def test_resources_have_the_properties_of_the_sdk(mapping: dict[str, Any], sdk: Sdk) -> None:
    differences = {
        token: (wanted, served)
        for token, described in mapping[RESOURCES].items()
        if (wanted := sdk.tree(*sdk.resources[token])) != (served := shape(described["properties"]))
    }

    assert differences == {}


def test_resources_take_the_inputs_of_the_sdk(mapping: dict[str, Any], sdk: Sdk) -> None:
    differences = {}
    for token, described in mapping[RESOURCES].items():
        path, name = sdk.resources[token]
        wanted = {key: kind for key, (kind, _) in sdk.tree(path, f"{name}Args").items()}
        inputs = shape(described["properties"], inputs_only=True)
        served = {key: kind for key, (kind, _) in inputs.items()}
        if wanted != served:
            differences[token] = (wanted, served)

    assert differences == {}


def test_functions_return_the_properties_of_the_sdk(mapping: dict[str, Any], sdk: Sdk) -> None:
    differences = {}
    for token, described in mapping[FUNCTIONS].items():
        # Every result has an id; the Terraform schema does not say so.
        wanted = {**sdk.tree(*sdk.functions[token]), "id": ("str", {})}
        served = {**shape(described["properties"]), "id": ("str", {})}
        if wanted != served:
            differences[token] = (wanted, served)

    assert differences == {}


def test_the_provider_takes_the_configuration_of_the_sdk(mapping: dict[str, Any], sdk: Sdk) -> None:
    wanted = sdk.tree(sdk.root / "provider.py", "ProviderArgs")

    assert shape(mapping["configuration"]) == wanted


def test_the_engine_finds_the_provider_without_a_word(toolchain: Toolchain, tmp_path: Path) -> None:
    variables = {**os.environ, **environment(toolchain, tmp_path)}

    answer = subprocess.run(
        [toolchain.pulumi.path, "plugin", "ls", "--json"],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stderr == ""
    (plugin,) = json.loads(answer.stdout)
    assert (plugin["name"], plugin["version"]) == ("openstack", toolchain.provider.version)
