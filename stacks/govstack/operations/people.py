"""People: who has accounts, and what each of them logs in with, shown once."""

from base64 import b32encode
from datetime import date
from typing import Final
from urllib.parse import quote, urlencode

from govstack.errors import AlreadyShown, UnknownSelection
from govstack.inventory.roles import roles_of, traits_of
from govstack.inventory.tables import role_table
from govstack.inventory.variables.people import factor, password
from govstack.operations.holding import holding, reading
from govstack.operations.report_people import Kind, PeopleReport, PersonReport, ShownSecret
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.operations.trusting import moment
from govstack.site.people import Person
from govstack.state.own import OwnSecrets
from govstack.state.secrets import passphrase
from govstack.values.observer import Observer
from govstack.values.result import Result
from govstack.values.suggestion import suggestion

REASON: Final = "people show"
CODE: Final = {"algorithm": "SHA1", "digits": "6", "period": "30"}
"""How the bastion's codes are made; what applications for codes take for granted."""


def list_people(target: Target) -> Result[PeopleReport]:
    """Tell who has accounts, where each comes to, and who has been given what.

    Raises:
        StateUnreadable: what is kept cannot be read.
    """
    session = open_session(target)
    plan = session.plan
    with reading(session):
        own = OwnSecrets(session.places) if session.places.passphrase.exists() else None
        people = tuple(_told(session, person, own) for person in session.site.people)
    return Result(
        data=PeopleReport(
            site=plan.site, name=plan.name, environment=plan.environment.name, people=people
        ),
        notes=session.notes,
    )


def show_person(
    target: Target, observer: Observer, account: str, *, anew: bool = False
) -> Result[ShownSecret]:
    """Show once what a person logs in with: the seed of codes, or the password to sign in.

    Args:
        target: site and environment.
        observer: told of what is waited for.
        account: whose.
        anew: whether to make another first; hosts go by it from the next `configure` on.

    Raises:
        UnknownSelection: nobody in force has this account.
        AlreadyShown: somebody has seen it.
        Locked: someone else holds the environment.
        StateUnreadable: what is kept cannot be read.
    """
    session = open_session(target)
    person = _person(session, account)
    name = _kept_as(person)
    with holding(session, observer, REASON):
        passphrase(session.places)
        own = OwnSecrets(session.places)
        if anew:
            own.forget(name)
        day = own.shown(name)
        if day:
            raise AlreadyShown(
                f"what {account} logs in with was shown on {day}",
                hint=f"if it is lost, or somebody else saw it: govstack people show {account} "
                "--anew",
            )
        text = own.password(name).reveal()
        own.mark_shown(name, _today().isoformat())
        own.keep()
    return Result(data=_shown(session, person, text, is_new=anew))


def _told(session: Session, person: Person, own: OwnSecrets | None) -> PersonReport:
    tenants = {tenant.id: tenant.name for tenant in session.site.tenants}
    return PersonReport(
        account=person.account,
        name=person.name,
        tenant=tenants[person.tenant],
        duty=person.duty.value if person.duty else "",
        hosts=sum(
            group.count
            for system in session.site.systems
            for group in system.nodes
            if person.may_come_to(system, group)
        ),
        kind=Kind.CODES if person.duty else Kind.PASSWORD,
        shown=own.shown(_kept_as(person)) if own else "",
        expires=person.expires.isoformat() if person.expires else "",
        is_in_force=person.is_in_force(_today()),
    )


def _person(session: Session, account: str) -> Person:
    people = {person.account: person for person in session.site.people}
    if account not in people:
        raise UnknownSelection(
            f"nobody has the account {account!r}", hint=suggestion(account, list(people))
        )
    person = people[account]
    if not person.is_in_force(_today()):
        raise UnknownSelection(
            f"the account {account} was granted until {person.expires}",
            hint="have it prolonged and write the new day",
        )
    return person


def _kept_as(person: Person) -> str:
    return factor(person.account) if person.duty else password(person.account)


def _shown(session: Session, person: Person, text: str, *, is_new: bool) -> ShownSecret:
    kind = Kind.CODES if person.duty else Kind.PASSWORD
    seed = b32encode(text.encode()).decode("ascii").rstrip("=")
    return ShownSecret(
        account=person.account,
        name=person.name,
        kind=kind,
        secret=seed if person.duty else text,
        address=_enrolment(session, person, seed) if person.duty else _sign_in(session),
        is_new=is_new,
    )


def _enrolment(session: Session, person: Person, seed: str) -> str:
    """Return the address that applications for codes take in."""
    issuer = f"{session.plan.name} {session.plan.environment.name}"
    query = urlencode({"secret": seed, "issuer": issuer, **CODE}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{person.account}')}?{query}"


def _sign_in(session: Session) -> str:
    """Return where people sign in; empty if the site has no such place."""
    table = role_table()
    role = f"{table.collection}.identity"
    planned = {system.id: system for system in session.plan.systems}
    for system in session.site.systems:
        for group in system.nodes:
            if role in roles_of(table, traits_of(session.site, system, group)):
                services = {each.name for each in system.offers if each.role == group.role}
                for endpoint in planned[system.id].endpoints:
                    if endpoint.service in services and endpoint.domain:
                        return f"https://{endpoint.domain}"
    return ""


def _today() -> date:
    return moment().astimezone().date()
