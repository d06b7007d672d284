"""Load a site: read its files, find every mistake in them at once, return the frozen form."""

from collections.abc import Mapping
from pathlib import Path

from govstack.errors import Problem, SiteInvalid
from govstack.site.addressbook import check_addresses
from govstack.site.boundaries import (
    check_cycles,
    check_environment,
    check_floating_ips,
    check_levels,
    check_names,
    check_networks,
    check_reaches,
)
from govstack.site.convert import freeze_environment, freeze_site, freeze_system
from govstack.site.model import Site
from govstack.site.references import check_references
from govstack.site.sources import Sources, read_sources


def load_site(root: Path, environment: str) -> Site:
    """Return the site in this folder, in this environment.

    Raises:
        SiteNotFound: the folder holds no site.
        UnknownSelection: the site has no such environment.
        SiteInvalid: its files hold mistakes; all of them are named.
    """
    problems: list[Problem] = []
    sources = read_sources(root, environment, problems)
    if sources is None:
        raise SiteInvalid(tuple(problems))
    # What is wrong with single names is told first: the rules between them go by the names.
    problems += check_references(sources)
    problems += check_environment(sources)
    problems += check_networks(sources)
    if not problems:
        site = _freeze(sources)
        problems += check_cycles(sources)
        problems += check_names(sources, site)
        problems += check_levels(sources)
        problems += check_floating_ips(sources)
        problems += check_reaches(sources, site)
        problems += check_addresses(sources)
        if not problems:
            return site
    raise SiteInvalid(tuple(problems))


def _freeze(sources: Sources) -> Site:
    environment = Path(sources.environment.document.position.file).stem
    return freeze_site(
        sources.root,
        freeze_environment(environment, sources.environment.declared),
        sources.site.declared,
        tuple(freeze_system(part.declared) for part in sources.systems),
        _texts(sources.addresses),
    )


def _texts(addresses: Mapping[str, object]) -> dict[str, str]:
    return {place: str(holder) for place, holder in addresses.items()}
