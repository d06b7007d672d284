"""Init: makes a new site from answers; checks it before anything is written."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from govstack.errors import AnswerRefused, SiteExists, SiteInvalid
from govstack.operations.files import write_folder
from govstack.operations.reports_site import InitReport, NewFile
from govstack.plan.addresses import addressing_of
from govstack.site import answers
from govstack.site.addressbook import render_addresses
from govstack.site.load import load_site
from govstack.site.newsite import NewSite, files_of
from govstack.site.sources import ADDRESS_FILE, SITE_FILE
from govstack.values.result import Result

Answers = Mapping[str, tuple[str, ...]]
"""What was said to each question, by its key; some take several texts."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that has to be known of a new site.

    Attributes:
        key: by which answers are found.
        text: what to ask.
        several: whether it takes several texts.
        default: gives what holds without an answer, by the answers to the questions before it.
        check: raises `AnswerRefused` for an answer that cannot be.
        is_asked: tells by the answers before it whether it matters at all.
    """

    key: str
    text: str
    several: bool
    default: Callable[[Answers], tuple[str, ...]]
    check: Callable[[tuple[str, ...]], object]
    is_asked: Callable[[Answers], bool] = lambda _: True


QUESTIONS: Final = (
    Question(
        "id",
        "Id of the site, for good; its folder has the same name",
        several=False,
        default=lambda _: ("city",),
        check=lambda said: answers.site_key("id", said[0]),
    ),
    Question(
        "code",
        "Code that begins every name in the cloud, for good",
        several=False,
        default=lambda said: (_code(said["id"][0]),),
        check=lambda said: answers.site_key("code", said[0]),
    ),
    Question(
        "name",
        "What people call the cloud",
        several=False,
        default=lambda said: (f"{said['id'][0]} 政务云",),
        check=lambda said: answers.site_key("name", said[0]),
    ),
    Question(
        "departments",
        "Departments, as ID=NAME",
        several=True,
        default=lambda _: ("dsjj=大数据局",),
        check=answers.departments,
    ),
    Question(
        "zones",
        "Zones: small, standard, exchange, or ids such as PUB, DAT",
        several=True,
        default=lambda _: ("standard",),
        check=answers.zones,
    ),
    Question(
        "systems",
        "First systems; ids begin with inf-, dat-, sup- or app-, which tells the layer",
        several=True,
        default=lambda _: tuple(answers.KNOWN_SYSTEMS),
        check=answers.systems,
    ),
    Question(
        "cloud",
        "Entry of your clouds.yaml for production; nothing for the embedded cloud alone",
        several=False,
        default=lambda _: ("",),
        check=lambda said: answers.cloud(said[0]),
    ),
    Question(
        "profile",
        "What kind of cloud that is",
        several=False,
        default=lambda _: ("openstack",),
        check=lambda said: answers.profile(said[0]),
        is_asked=lambda said: bool(said["cloud"][0]),
    ),
)
"""In the order in which they are asked."""


def init(folder: Path, said: Answers, *, write: bool = True) -> Result[InitReport]:
    """Make a site in this folder: files with comments, valid, and with an address for every node.

    Args:
        folder: where the site is to be; its name is the site's id.
        said: an answer to every question that matters.
        write: False only tells what would be written.

    Raises:
        AnswerRefused: an answer cannot be.
        SiteExists: something is there already; nothing is ever overwritten.
        SiteInvalid: the answers do not go together.
        FilesUnwritable: the folder could not be written; nothing is left of it.
    """
    check_folder(folder)
    site = _new_site(said)
    if site.id != folder.resolve().name:
        raise AnswerRefused(
            f"the site's id {site.id!r} is not the name of its folder, {folder.resolve().name!r}",
            hint="an environment's state is found by the folder's name: make them the same",
        )
    files = dict(files_of(site))
    files[ADDRESS_FILE], addresses = _addresses(folder, site, files)
    _check_free(folder, tuple(files))
    if write:
        write_folder(folder, files)
    report = InitReport(
        site=site.id,
        name=site.name,
        root=str(folder),
        environments=site.environments,
        systems=tuple(system.id for system in site.systems),
        files=tuple(
            NewFile(path=path, lines=text.count("\n"), text="" if write else text)
            for path, text in files.items()
        ),
        addresses=addresses,
        written=write,
    )
    return Result(data=report)


def check_folder(folder: Path) -> None:
    """Refuse a folder that a site is in.

    Raises:
        SiteExists: there is one.
    """
    if (folder / SITE_FILE).exists():
        raise SiteExists(
            f"there is a site in {folder} already", hint="name another folder; this one stays"
        )
    if folder.exists() and not folder.is_dir():
        raise SiteExists(f"{folder} is a file", hint="name another folder")


def _check_free(folder: Path, paths: tuple[str, ...]) -> None:
    taken = [path for path in paths if (folder / path).exists()]
    if taken:
        raise SiteExists(
            f"there is a file {folder / taken[0]} already",
            hint="nothing is ever overwritten: move it away, or name another folder",
        )


def _new_site(said: Answers) -> NewSite:
    for question in QUESTIONS:
        if question.is_asked(said):
            question.check(said[question.key])
    entry = said["cloud"][0]
    kind = answers.profile(said["profile"][0]) if entry else None
    return NewSite(
        id=said["id"][0],
        code=said["code"][0],
        name=said["name"][0],
        departments=answers.departments(said["departments"]),
        zones=answers.zones(said["zones"]),
        systems=answers.systems(said["systems"]),
        cloud=entry,
        profile=kind.name if kind else "",
        makes_flavors=kind.makes_flavors if kind else True,
    )


def _addresses(folder: Path, site: NewSite, files: Mapping[str, str]) -> tuple[str, int]:
    """Check the site in a copy; return the text of its address book, and how many rows it has."""
    with tempfile.TemporaryDirectory(prefix="govstack-") as scratch:
        copy = Path(scratch) / site.id
        write_folder(copy, files)
        try:
            loaded = [load_site(copy, name) for name in site.environments]
        except SiteInvalid as error:
            raise SiteInvalid(
                tuple(
                    replace(problem, file=problem.file.replace(str(copy), str(folder)))
                    for problem in error.problems
                )
            ) from error
        added = addressing_of(loaded[0]).added
    return render_addresses(dict(added)), len(added)


def _code(id_: str) -> str:
    """Return a code that reminds of an id: initials, or its beginning."""
    initials = "".join(part[0] for part in id_.split("-"))
    return initials if len(initials) > 1 else id_[:2]
