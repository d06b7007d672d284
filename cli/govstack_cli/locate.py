"""Finds the folder of the site that a verb acts on."""

from pathlib import Path
from typing import Final

from govstack.errors import SiteNotFound

SITE_FILE: Final = "site.yaml"
INVENTORIES: Final = "inventories"


def find_site(given: Path | None, here: Path) -> Path:
    """Return the site's folder: as given, or around `here`, or the only one in inventories.

    Raises:
        SiteNotFound: there is none, or there are several to choose from.
    """
    if given is not None:
        return _given(given, here)
    for folder in (here, *here.parents):
        if (folder / SITE_FILE).is_file():
            return folder
    sites = _sites(here / INVENTORIES)
    if len(sites) == 1:
        return sites[0]
    if sites:
        raise SiteNotFound(
            f"there are {len(sites)} sites in {here / INVENTORIES}", hint=_choice(sites, here)
        )
    raise SiteNotFound(
        f"no {SITE_FILE} in {here} or above it, and no site in ./{INVENTORIES}",
        hint="name the site's folder: --site PATH",
    )


def _given(given: Path, here: Path) -> Path:
    folder = given.expanduser()
    if folder.name == SITE_FILE and folder.is_file():
        return folder.parent
    if (folder / SITE_FILE).is_file():
        return folder
    what = f"there is no {SITE_FILE} in {given}" if folder.is_dir() else f"no folder {given}"
    around = folder if folder.is_dir() else here
    sites = _sites(around) or _sites(around / INVENTORIES)
    raise SiteNotFound(what, hint=_choice(sites, here) if sites else "check --site")


def _sites(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{SITE_FILE}"))


def _choice(sites: list[Path], here: Path) -> str:
    names = [str(site.relative_to(here) if site.is_relative_to(here) else site) for site in sites]
    return "choose one: " + ", ".join(f"--site {name}" for name in names)
