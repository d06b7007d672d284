"""The type tokens of the installed OpenStack SDK, read from its source.

They are the contract between the SDK and the provider.  Reading beats importing: the SDK takes
long to import and warns about its own deprecated names.
"""

import ast
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PREFIX = "openstack:"


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokens that the SDK registers resources and invokes functions by."""

    resources: tuple[str, ...]
    functions: tuple[str, ...]

    def to_json(self) -> str:
        """Return the table as the provider embeds it."""
        return json.dumps(
            {"resources": self.resources, "functions": self.functions}, indent=1, sort_keys=True
        )


def sdk_folder() -> Path:
    """Return the folder of the installed SDK, without importing it."""
    spec = importlib.util.find_spec("pulumi_openstack")
    if spec is None or spec.origin is None:
        message = "pulumi_openstack"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent


def read_tokens(sdk: Path) -> TokenTable:
    """Return the tokens of the SDK in this folder.

    A module that warns as soon as it is imported keeps a former name alive ("... has been
    deprecated in favor of ..."): its tokens are aliases of others and left out.
    """
    resources: set[str] = set()
    functions: set[str] = set()
    for path in sdk.rglob("*.py"):
        module = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        if not _keeps_a_former_name(module):
            resources.update(_resource_tokens(module))
            functions.update(_function_tokens(module))
    return TokenTable(tuple(sorted(resources)), tuple(sorted(functions)))


def _keeps_a_former_name(module: ast.Module) -> bool:
    return any(
        isinstance(statement, ast.Expr) and _called(statement.value) == "warnings.warn"
        for statement in module.body
    )


def _resource_tokens(module: ast.Module) -> Iterator[str]:
    for statement in module.body:
        if isinstance(statement, ast.ClassDef):
            for decorator in statement.decorator_list:
                yield from _token_of(decorator, "pulumi.type_token")


def _function_tokens(module: ast.Module) -> Iterator[str]:
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef):
            for node in ast.walk(statement):
                yield from _token_of(node, "pulumi.runtime.invoke")


def _token_of(node: ast.AST, function: str) -> Iterator[str]:
    """Yield the first argument of a call of this function, if it is one of our tokens."""
    if isinstance(node, ast.Call) and _called(node) == function and node.args:
        argument = node.args[0]
        if isinstance(argument, ast.Constant) and str(argument.value).startswith(PREFIX):
            yield str(argument.value)


def _called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""
