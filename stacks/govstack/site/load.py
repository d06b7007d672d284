"""Load a site: read its files, find every mistake in them at once, return the frozen form."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from govstack.errors import Problem, SiteInvalid
from govstack.site.addressbook import check_addresses
from govstack.site.checks.ceilings import check_ceilings
from govstack.site.checks.data import check_data_sets
from govstack.site.checks.environment import check_capabilities, check_environment
from govstack.site.checks.expiry import check_expiry
from govstack.site.checks.levels import check_encryption, check_levels
from govstack.site.checks.machines import check_machines
from govstack.site.checks.networks import (
    check_adopted_networks,
    check_floating_ips,
    check_links,
    check_names,
    check_networks,
    check_room,
)
from govstack.site.checks.paths import (
    check_balancers,
    check_cycles,
    check_reaches,
    check_tickets,
)
from govstack.site.checks.people import check_people
from govstack.site.checks.references import check_references
from govstack.site.convert import freeze_environment, freeze_site, freeze_system
from govstack.site.kinds import Expired
from govstack.site.model import Site
from govstack.site.profile import Profile
from govstack.site.profiles import read_profile
from govstack.site.sources import Sources, address_file, read_sources


def load_site(root: Path, environment: str, *, today: date | None = None) -> Site:
    """Return the site in this folder, in this environment.

    Args:
        root: the site's folder.
        environment: the name of the environment.
        today: if given, what is past its day is refused, where the site's policy says so.

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
    problems += check_balancers(sources)
    problems += check_machines(sources)
    problems += check_networks(sources)
    if problems:
        raise SiteInvalid(tuple(problems))
    settings = sources.environment.declared
    profile = read_profile(root, settings.profile, settings.capabilities, problems)
    if profile is None:
        raise SiteInvalid(tuple(problems))
    site = _freeze(sources, profile)
    problems += _check_rules(sources, site)
    if today and site.policy.expired is Expired.REFUSE:
        problems += check_expiry(sources, today)
    if problems:
        raise SiteInvalid(tuple(problems))
    return site


def _check_rules(sources: Sources, site: Site) -> Iterator[Problem]:
    yield from check_cycles(sources)
    yield from check_names(sources, site)
    yield from check_levels(sources)
    yield from check_encryption(sources)
    yield from check_floating_ips(sources)
    yield from check_links(sources)
    yield from check_adopted_networks(sources)
    yield from check_ceilings(sources)
    yield from check_room(sources)
    yield from check_capabilities(sources, site.environment.profile)
    yield from check_data_sets(sources)
    yield from check_people(sources)
    yield from check_tickets(sources)
    yield from check_reaches(sources, site)
    yield from check_addresses(sources)


def _freeze(sources: Sources, profile: Profile) -> Site:
    environment = freeze_environment(
        Path(sources.environment.document.position.file).stem,
        sources.environment.declared,
        profile,
    )
    systems = tuple(
        freeze_system(part.declared, sources.site.declared.machines) for part in sources.systems
    )
    addresses: Mapping[str, str] = {
        key: holder for key, holder in sources.addresses.items() if isinstance(holder, str)
    }
    book = address_file(sources.root, sources.environment.declared)
    return freeze_site(sources.root, book, environment, sources.site.declared, systems, addresses)
