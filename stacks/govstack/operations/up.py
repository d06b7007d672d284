"""Up: makes the cloud what the site says, then its hosts, then proves that all is so.

Each step is a verb of its own as well.  The first that fails is the last that is done.
"""

from dataclasses import replace

from govstack.operations.configure import configure, has_hosts
from govstack.operations.latitude import USUAL, Latitude
from govstack.operations.provision import provision
from govstack.operations.report_up import UpReport
from govstack.operations.run import Confirm
from govstack.operations.select import with_upstream
from govstack.operations.session import Session, open_session
from govstack.operations.target import Target
from govstack.operations.verify import verify
from govstack.operations.verify_wish import VerifyWish
from govstack.operations.wish import Agree, Wish
from govstack.site.model import PLATFORM
from govstack.values.observer import Observer, Outcome
from govstack.values.result import Result


def up(  # noqa: PLR0913 - one for each choice that the verb has
    target: Target,
    observer: Observer,
    *,
    systems: tuple[str, ...] = (),
    everything: bool = False,
    cloud_only: bool = False,
    latitude: Latitude = USUAL,
    confirm: Confirm | None = None,
    agree: Agree | None = None,
) -> Result[UpReport]:
    """Bring the site (or some systems) to life, from its servers to its services.

    Args:
        target: the site and environment.
        observer: told of progress.
        systems: which ones; all if empty.
        everything: run also what has not changed since its last run.
        cloud_only: leave what is on the hosts alone, and verify nothing.
        latitude: how far to go beyond that.
        confirm: asked once the preview is there, if it holds changes.
        agree: asked before hosts are configured, if the preview held no changes.

    Raises:
        GovstackError: what `provision`, `configure` and `verify` raise.
    """
    made = provision(
        target,
        observer,
        systems=systems,
        everything=everything,
        latitude=latitude,
        confirm=confirm,
    )
    done = UpReport.of(made.data)
    result = Result(data=done, exit_code=made.exit_code, notes=made.notes)
    if cloud_only or made.exit_code or not made.data.confirmed:
        return result
    session = open_session(target)
    if not has_hosts(session):
        return result
    asked = confirm is not None and made.data.has_changes
    wish = Wish(
        systems=_with_those_needed(session, systems),
        everything=everything,
        asks=False,
        agree=None if asked else agree,
    )
    hosts = configure(target, observer, wish)
    result = _after(result, hosts, replace(done, configured=hosts.data))
    changed = done.has_changes or any(host.outcome is Outcome.DONE for host in hosts.data.hosts)
    if hosts.exit_code or not (changed and hosts.data.confirmed):
        return result
    proof = verify(target, observer, VerifyWish(systems=systems))
    return _after(result, proof, replace(result.data, verified=proof.data))


def _after(so_far: Result[UpReport], step: Result[object], data: UpReport) -> Result[UpReport]:
    """Return what was done so far together with a further step."""
    notes = dict.fromkeys((*so_far.notes, *step.notes))
    return Result(data=data, exit_code=step.exit_code, notes=tuple(notes))


def _with_those_needed(session: Session, systems: tuple[str, ...]) -> tuple[str, ...]:
    """Return these systems and those that serve them: a new client changes a server's hosts too."""
    if not systems:
        return ()
    upstream = {stack.id: stack.upstream for stack in session.plan.stacks}
    return tuple(sorted(with_upstream(systems, upstream) - {PLATFORM}))
