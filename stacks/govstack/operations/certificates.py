"""Certificates: lists, shows and renews those of the site's own authorities."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from govstack.errors import StateUnreadable, UnknownSelection
from govstack.operations.holding import holding, reading
from govstack.operations.report_trust import (
    CertificateReport,
    CertificatesReport,
    Kind,
    RenewalReport,
    ShownReport,
)
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.operations.trusting import make_trust, moment
from govstack.state.authority import ROOT, authority_line, read_root, renewed_authority
from govstack.state.certificates import (
    Registry,
    Renewal,
    certificate_texts,
    held_certificates,
)
from govstack.state.introductions import read_introductions
from govstack.trust.renewal import Held, standing_of
from govstack.trust.terms import TERMS, Span, Standing
from govstack.trust.wanted import Wanted, wanted_certificates
from govstack.trust.x509 import look
from govstack.values.observer import Observer
from govstack.values.result import Result
from govstack.values.suggestion import suggestion

RENEW: Final = "certificates renew"
SOON: Final = 8
"""The exit code if something must be made anew."""
DAY: Final = timedelta(days=1)


def list_certificates(
    target: Target, *, hosts: Collection[str] = (), check: bool = False
) -> Result[CertificatesReport]:
    """Tell which certificates there are and must be, and how each does.

    Args:
        target: site and environment.
        hosts: only theirs, and the authority's; empty for all.
        check: whether the exit code is to say if one is missing, changed or ends soon.

    Raises:
        UnknownSelection: there is no such node.
        StateUnreadable: what is there cannot be read.
    """
    session = open_session(target)
    _check(session, hosts)
    with reading(session):
        found = tuple(_all(session, hosts, moment()))
        line = ""
        with suppress(StateUnreadable):
            line = authority_line(session.places)
    plan = session.plan
    is_due = any(each.state is not Standing.VALID for each in found)
    return Result(
        data=CertificatesReport(
            site=plan.site,
            name=plan.name,
            environment=plan.environment.name,
            authority_file=str(session.places.trust / ROOT) if line else "",
            ssh_authority=line,
            certificates=found,
        ),
        exit_code=SOON if check and is_due else 0,
    )


def show_certificates(target: Target, host: str, service: str | None) -> Result[ShownReport]:
    """Show the certificates of a host, or of one of its services.

    Raises:
        UnknownSelection: there is no such node, or no such certificate of it.
        StateUnreadable: what is there cannot be read.
    """
    session = open_session(target)
    _check(session, (host,))
    with reading(session):
        texts = certificate_texts(session.places)
        found = [
            replace(each, pem=texts.get((host, each.service), ""))
            for each in _services(session, (host,), moment())
        ]
    services = [each.service for each in found]
    if service is not None and service not in services:
        raise UnknownSelection(
            f"{host} has no certificate for {service!r}", hint=suggestion(service, services)
        )
    chosen = tuple(each for each in found if service in {None, each.service})
    return Result(data=ShownReport(certificates=chosen))


def renew(
    target: Target, observer: Observer, *, hosts: Collection[str] = (), anyway: bool = False
) -> Result[RenewalReport]:
    """Make what is missing or changed, or ends soon; the authorities too.

    Args:
        target: site and environment.
        observer: told of what is waited for.
        hosts: only theirs; empty for all.
        anyway: whether to make also those anew that are good.

    Raises:
        UnknownSelection: there is no such node.
        Locked: someone else holds the environment.
        StateUnreadable: what is there cannot be read.
    """
    session = open_session(target)
    _check(session, hosts)
    with holding(session, observer, RENEW):
        renewal = renew_here(session, moment(), hosts=hosts, anyway=anyway)
        made = {each.key for each in renewal.made}
        found = tuple(_services(session, hosts, moment()))
    plan = session.plan
    return Result(
        data=RenewalReport(
            site=plan.site,
            name=plan.name,
            environment=plan.environment.name,
            made=tuple(each for each in found if (each.host, each.service) in made),
            dropped=tuple(f"{host} {service}" for host, service in renewal.dropped),
            kept=sum((each.host, each.service) not in made for each in found),
            authority_file=str(session.places.trust / ROOT),
        )
    )


def renew_here(
    session: Session, now: datetime, *, hosts: Collection[str] = (), anyway: bool = False
) -> Renewal:
    """Make certificates in an environment that is held; arguments as those of `renew`."""
    make_trust(session)
    authority = renewed_authority(session.places, now, TERMS)
    return registry(session, now).renew(authority, session.plan.name, hosts=hosts, anyway=anyway)


def registry(session: Session, now: datetime) -> Registry:
    """Return the certificates of an environment at a moment."""
    wanted = wanted_certificates(session.site, session.plan)
    return Registry(session.places, wanted, now, TERMS)


def _all(session: Session, hosts: Collection[str], now: datetime) -> Iterator[CertificateReport]:
    yield _authority(session, now)
    yield from _services(session, hosts, now)
    systems = {node.name: system.id for system in session.plan.systems for node in system.nodes}
    for host, met in read_introductions(session.places).items():
        if host in systems and (not hosts or host in hosts):
            principals = met.identity.principals
            said = CertificateReport(
                kind=Kind.SSH_HOST,
                state=met.good.standing(now),
                host=host,
                system=systems[host],
                subject=f"host {host}",
                names=principals[:1],
                addresses=principals[1:],
                serial=f"{met.serial:x}",
            )
            yield _timed(said, met.good, now)


def _authority(session: Session, now: datetime) -> CertificateReport:
    if not (session.places.trust / ROOT).exists():
        return CertificateReport(kind=Kind.AUTHORITY, state=Standing.MISSING)
    root = read_root(session.places)
    held = look(root, root)
    said = CertificateReport(kind=Kind.AUTHORITY, state=held.span.standing(now))
    return _filled(said, held, now)


def _services(
    session: Session, hosts: Collection[str], now: datetime
) -> Iterator[CertificateReport]:
    held = held_certificates(session.places)
    for wanted in registry(session, now).wanted:
        if not hosts or wanted.host in hosts:
            yield _service(wanted, held.get(wanted.key), now)


def _service(wanted: Wanted, held: Held | None, now: datetime) -> CertificateReport:
    missing = CertificateReport(
        kind=Kind.SERVICE,
        state=standing_of(wanted, held, now),
        host=wanted.host,
        service=wanted.service,
        system=wanted.system,
    )
    return _filled(missing, held, now) if held else missing


def _filled(report: CertificateReport, held: Held, now: datetime) -> CertificateReport:
    said = replace(
        report,
        subject=held.subject,
        issuer=held.issuer,
        names=held.names,
        addresses=tuple(str(address) for address in held.addresses),
        serial=held.serial,
        fingerprint=held.fingerprint,
    )
    return _timed(said, held.span, now)


def _timed(report: CertificateReport, good: Span, now: datetime) -> CertificateReport:
    return replace(
        report,
        begins=good.begins.astimezone(UTC).isoformat(),
        not_after=good.ends.astimezone(UTC).isoformat(),
        days_left=(good.ends - now) // DAY,
    )


def _check(session: Session, hosts: Collection[str]) -> None:
    nodes = [node.name for system in session.plan.systems for node in system.nodes]
    for host in hosts:
        if host not in nodes:
            raise UnknownSelection(f"there is no node {host!r}", hint=suggestion(host, nodes))
