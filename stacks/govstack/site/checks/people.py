"""Rules of people: one person, one account, one duty, and each duty with somebody."""

from collections.abc import Iterator
from typing import Final

from govstack.errors import Problem
from govstack.site.declared.people import PersonDeclared
from govstack.site.ends import ANY
from govstack.site.kinds import Duty
from govstack.site.sources import Sources

SEPARATED: Final = "三权分立, GB/T 22239 8.1.5.1 to 8.1.5.3"
TAKEN: Final = frozenset(
    {
        *("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news"),
        *("uucp", "proxy", "www-data", "backup", "list", "irc", "nobody", "adm"),
        *("shutdown", "halt", "operator", "ftp", "sshd", "dbus", "messagebus", "tss"),
        *("chrony", "tlog", "systemd-network"),
        *("postgres", "redis", "rabbitmq", "prometheus", "haproxy", "bind", "named"),
        *("nginx", "apache"),
        *("debian", "ubuntu", "openeuler", "kylin", "anolis", "uos", "cloud-user"),
        *("centos", "ec2-user", "admin"),
    }
)
"""Accounts of operating systems, of services, and of the automation on images."""
OURS: Final = "gov-"
"""What accounts and groups that roles make begin with."""


def check_people(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each person who has what does not go together, or lacks what must be."""
    for account, person in sources.site.declared.people.items():
        yield from _check_person(sources, account, person)
    yield from _check_separation(sources)
    yield from _check_keys(sources)


def _check_person(sources: Sources, account: str, person: PersonDeclared) -> Iterator[Problem]:
    here = ("people", account)
    if account in TAKEN or account.startswith(OURS):
        yield sources.site.problem(
            f"the account {account!r} is one of the system's",
            "give the person another, such as the name as it is spelt in Latin letters",
            *here,
        )
    if ":" in person.name:
        yield sources.site.problem(
            "has a colon, which no system takes for a part of a name",
            "leave it out",
            *(*here, "name"),
        )
    if person.duty and not person.ssh_keys:
        yield sources.site.problem(
            f"is to come to hosts as {person.duty} administrator, and has no key",
            "let the person make one (ssh-keygen -t ed25519), and write its public half: ssh_keys",
            *here,
        )
    for key in ("ssh_keys", "comes_to"):
        if person.duty is None and getattr(person, key):
            yield sources.site.problem(
                "has no duty, so comes to no host",
                f"name the duty ({', '.join(Duty)}), or remove {key}",
                *(*here, key),
            )


def _check_separation(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each person with two duties, and each duty that nobody has everywhere."""
    holders: dict[str, tuple[str, Duty]] = {}
    everywhere: set[Duty] = set()
    for account, person in sources.site.declared.people.items():
        if person.duty is None:
            continue
        if ANY in person.comes_to:
            everywhere.add(person.duty)
        other, duty = holders.setdefault(person.name, (account, person.duty))
        if other != account:
            yield sources.site.problem(
                f"{person.name} is {duty} administrator already, as {other}",
                f"a person has one account and one of the three duties ({SEPARATED}): "
                "remove one, or tell people of the same name apart: 陈云(二处)",
                *("people", account, "name"),
            )
    for duty in Duty:
        if holders and duty not in everywhere:
            yield sources.site.problem(
                f"nobody is {duty} administrator everywhere",
                f"each of the three duties is somebody else's ({SEPARATED}): give one to a person "
                f"with comes_to: [{ANY}]",
                "people",
            )


def _check_keys(sources: Sources) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for account, person in sources.site.declared.people.items():
        for index, key in enumerate(person.ssh_keys):
            owner = owners.setdefault(key.split()[1], account)
            if owner != account:
                yield sources.site.problem(
                    f"{owner} has the same key",
                    "a key is one person's: it says who came",
                    *("people", account, "ssh_keys", index),
                )
