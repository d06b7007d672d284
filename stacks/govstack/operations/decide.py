"""Which stacks have changed since they were last run, from the records alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from govstack.engine.checkpoint import checkpoint_digest
from govstack.layers.outputs import UNKNOWN, PlatformOutputs
from govstack.operations.fingerprint import fingerprint
from govstack.operations.inputs import inputs_of
from govstack.operations.session import Session
from govstack.operations.standing import Stand, Standing, standing
from govstack.plan.model import PlatformPlan, StackPlan
from govstack.site.model import PLATFORM
from govstack.state.records import Record
from govstack.state.secrets import known_passwords, passphrase
from govstack.values.secret import Secret


def standings(
    session: Session, records: Mapping[str, Record], stacks: Iterable[StackPlan]
) -> Iterator[tuple[StackPlan, Standing]]:
    """Yield how each stack stands; neither cloud nor engine is asked, and nothing is written.

    Systems are judged by what the platform gave when it was last run.
    """
    places = session.places
    passwords: Mapping[str, Secret] = defaultdict(lambda: Secret(""), known_passwords(places))
    given = given_by(session.plan.platform, records.get(PLATFORM))
    key = passphrase(places) if records else Secret("")
    for stack in stacks:
        record = records.get(stack.id)
        if record is None:
            yield stack, Standing(Stand.NEVER_RUN)
            continue
        made = fingerprint(inputs_of(session, stack, given, passwords), key)
        ask = partial(checkpoint_digest, places.backend, stack.layer.value, stack.id)
        yield stack, standing(stack, record, made, ask)


def given_by(plan: PlatformPlan, record: Record | None) -> PlatformOutputs:
    """Return what the platform gave last, with unknowns for what it is to give yet."""
    planned: dict[str, Iterable[str]] = {
        "routers": (router.zone for router in plan.routers),
        "flavors": (flavor.id for flavor in plan.flavors),
        "images": (image.id for image in plan.images),
        "volume_types": (kind.id for kind in plan.volume_types),
        "projects": (project.system for project in plan.projects),
    }
    given: dict[str, object] = {"external_network": UNKNOWN, "dns_zone": UNKNOWN}
    given |= record.outputs if record else {}
    for kind, names in planned.items():
        known = given.get(kind)
        given[kind] = dict.fromkeys(names, UNKNOWN) | dict(
            known if isinstance(known, Mapping) else {}
        )
    return PlatformOutputs.parse(given)
