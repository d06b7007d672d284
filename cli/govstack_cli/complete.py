"""What the shell offers behind the verbs: read from the site's files, quickly, never failing."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem

from govstack.errors import GovstackError
from govstack_cli.locate import find_site
from govstack_cli.settings import DEFAULT_ENVIRONMENT, cache_home, state_home

PLATFORM: Final = ("infrastructure", "platform", "")
"""The stack that every site has, besides one for each system."""

KEY: Final = re.compile(r"^(id|layer|name):[ \t]*(['\"]?)(.+?)\2[ \t]*(?:#.*)?$", re.MULTILINE)
"""A key of a system's file; the files are not parsed, since that would take too long here."""

NODE: Final = re.compile(r"^[^/\s]+/([0-9.]+): ([^\s@]+-[0-9]{3})$", re.MULTILINE)
"""A line of the address book that gives a node its address."""

SITE_KEY: Final = "govstack_cli.settings.site"
ENVIRONMENT_KEY: Final = "govstack_cli.settings.environment"


def systems(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the systems of the site, with their names."""
    found = ((system, name) for _, system, name in _systems(context))
    return _offered(found, incomplete)


def stacks(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the stacks of the site as ``LAYER/SYSTEM``."""
    found = ((f"{layer}/{system}", name) for layer, system, name in _systems(context))
    return _offered(found, incomplete)


def nodes(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the nodes that have an address in the site's book."""
    found = (
        (match[1], match[2])
        for path in _files(context, ".", "addresses.yaml")
        for match in NODE.finditer(path.read_text(encoding="utf-8", errors="replace"))
    )
    return _offered(((node, address) for address, node in found), incomplete)


def environments(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the environments of the site."""
    found = ((path.stem, "") for path in _files(context, "environments"))
    return _offered(found, incomplete)


def settings_paths(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the paths of settings, one key further, with what each means."""
    return _offered(_paths(context, incomplete), incomplete)


def people(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the accounts of people."""
    section = "people."
    found = ((path.removeprefix(section), text) for path, text in _paths(context, section))
    return _offered(found, incomplete)


def _offered(found: Iterator[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    matching = sorted(item for item in found if item[0].startswith(incomplete))
    return [CompletionItem(value, help=text or None) for value, text in matching]


def _paths(context: click.Context, begin: str) -> Iterator[tuple[str, str]]:
    # What may stand in the files is known to the library alone: here, that takes its time.
    from govstack.operations.explain import paths  # noqa: PLC0415
    from govstack.operations.target import Target  # noqa: PLC0415

    given, environment = context.meta.get(SITE_KEY), context.meta.get(ENVIRONMENT_KEY)
    with suppress(OSError, GovstackError):
        target = Target(
            root=find_site(given if isinstance(given, Path) else None, Path.cwd()),
            environment=str(environment or DEFAULT_ENVIRONMENT),
            state_home=state_home(),
            cache_home=cache_home(),
        )
        yield from paths(target, begin)


def _systems(context: click.Context) -> Iterator[tuple[str, str, str]]:
    yield PLATFORM
    for path in _files(context, "systems"):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        keys = {match[1]: match[3] for match in KEY.finditer(text)}
        if "id" in keys and "layer" in keys:
            yield keys["layer"], keys["id"], keys.get("name", "")


def _files(context: click.Context, folder: str, names: str = "*.yaml") -> list[Path]:
    given = context.meta.get(SITE_KEY)
    try:
        site = find_site(given if isinstance(given, Path) else None, Path.cwd())
        return list((site / folder).glob(names))
    except (OSError, GovstackError):
        return []
