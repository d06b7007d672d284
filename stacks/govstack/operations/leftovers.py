"""What the cloud has of this environment that no state knows: how it is looked for and removed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from govstack.clouds.connect import connect, refuses
from govstack.clouds.found import Found, Known, Owner, Reach, look
from govstack.clouds.kind import Scope
from govstack.clouds.remove import in_order, remove
from govstack.operations.session import Session
from govstack.plan.model import ProjectPlan
from govstack.plan.named import names_of
from govstack.site.model import PLATFORM

MAX_LOOKS = 4
"""How often the cloud is looked at again: a call may still be under way whose caller is dead."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that was found, and by whom; `error` tells why it could not be removed."""

    found: Found
    reach: Reach
    error: str = ""


def owner_of(session: Session, before: Iterable[ProjectPlan], half_made: Iterable[str]) -> Owner:
    """Return by what things are known to be this environment's."""
    plan = session.plan
    return Owner(
        code=plan.code,
        names=names_of(plan, before) | frozenset(half_made),
        site=plan.site,
        environment=plan.environment.name,
        zone=plan.platform.dns_zone,
        keeps_images=plan.platform.keeps_images,
    )


@contextmanager
def reach_of(clouds: Path, birth: str, system: str) -> Iterator[Reach | None]:
    """Give the way to the project of a system, or of the platform where `birth` is empty.

    None where the cloud does not know the system's user: then its project has nothing in it yet.
    """
    with ExitStack() as stack:
        platform = stack.enter_context(connect(clouds, PLATFORM))
        own = stack.enter_context(connect(clouds, birth)) if birth else platform
        if refuses(own):
            yield None
            return
        yield Reach(
            own=own,
            platform=platform,
            project=str(own.current_project_id),
            name=birth or PLATFORM,
            scope=Scope.SYSTEM if birth else Scope.PLATFORM,
            system=system,
        )


def clear(
    reach: Reach, owner: Owner, known: Known, may_go: Callable[[Found], bool]
) -> tuple[Leftover, ...]:
    """Remove what no state knows, and return all that was found.

    What may not go, or could not be removed, says why in its `error`.
    """
    removed: dict[str, Leftover] = {}
    kept: dict[str, Leftover] = {}
    for _ in range(MAX_LOOKS):
        found = look(reach, owner, known)
        kept = {
            each.id: Leftover(each, reach, "it may hold data") for each in found if not may_go(each)
        }
        todo = tuple(each for each in found if each.id not in kept)
        if not todo:
            break
        for each in in_order(todo):
            removed[f"{each.kind.word} {each.id}"] = Leftover(each, reach, remove(reach, each))
    return (*removed.values(), *kept.values())
