"""What each node was born from, and which nodes the site would have from another image now.

An image is a birth property: `up` leaves it alone, `rebuild` changes it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from govstack.errors import SHOWN
from govstack.layers.outputs import UNKNOWN
from govstack.plan.model import NodePlan, Plan, PlatformPlan, SystemPlan
from govstack.site.catalog import Image
from govstack.site.model import PLATFORM
from govstack.state.records import Record
from govstack.values.observer import Note

DIGITS = 8
"""How much of a digest people are shown."""

Born = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """The image that a node was born from, and the declared one, as people know them."""

    system: str
    node: NodePlan
    born: str
    declared: str


def label_of(image: Image) -> str:
    """Return what people call an image: with a digest, where its file can be another."""
    if image.adopted:
        return str(image.adopted)
    return f"{image.id}-{image.sha256[:DIGITS]}"


def born_of(
    plan: Plan,
    system: SystemPlan,
    images: Mapping[str, object],
    found: Mapping[str, str],
    before: Record | None,
) -> Born:
    """Return what each node of a system was born from.

    Args:
        plan: the whole plan.
        system: the system.
        images: ids in the cloud of the declared images.
        found: ids in the cloud of what its servers were born from, by node.
        before: what was known until now: of an image that is gone only its label is left.
    """
    labels = labels_of(plan.platform)
    born = {}
    for node in system.nodes:
        id_ = found.get(node.name)
        if id_ is None:
            continue
        known = before.born.get(node.name, {}) if before else {}
        if id_ == images.get(node.image):
            label = labels.get(node.image, node.image)
        else:
            label = known.get("label", "") if known.get("id") == id_ else ""
        born[node.name] = {"id": id_, "label": label or id_[:DIGITS]}
    return born


def labels_of(platform: PlatformPlan) -> dict[str, str]:
    """Return the labels of the site's images, by their ids."""
    return {image.id: label_of(image) for image in platform.images}


def outdated(plan: Plan, records: Mapping[str, Record]) -> tuple[Birth, ...]:
    """Return the nodes in the cloud that were born from another image than is declared."""
    ids = images_of(records)
    return tuple(
        each
        for each in declared_births(plan, records)
        if each.born != each.declared
        or ids.get(each.node.image, UNKNOWN)
        not in {records[each.system].born[each.node.name]["id"], UNKNOWN}
    )


def declared_births(plan: Plan, records: Mapping[str, Record]) -> tuple[Birth, ...]:
    """Return all nodes in the cloud with the image that each was born from, and the declared."""
    labels = labels_of(plan.platform)
    return tuple(
        Birth(
            system=system.id,
            node=node,
            born=records[system.id].born[node.name]["label"],
            declared=labels.get(node.image, node.image),
        )
        for system in plan.systems
        if system.id in records
        for node in system.nodes
        if node.name in records[system.id].born
    )


def images_of(records: Mapping[str, Record]) -> Mapping[str, object]:
    """Return the ids in the cloud of the site's images, as the platform's last run left them."""
    images = records[PLATFORM].outputs.get("images") if PLATFORM in records else None
    return images if isinstance(images, Mapping) else {}


def birth_notes(plan: Plan, records: Mapping[str, Record]) -> tuple[Note, ...]:
    """Return a note for each image that nodes were born from and are to be no more."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for each in outdated(plan, records):
        counts[each.born, each.declared][each.system] += 1
    return tuple(_note(born, declared, found) for (born, declared), found in counts.items())


def _note(born: str, declared: str, found: Mapping[str, int]) -> Note:
    told = ", ".join(f"{system} ({number})" for system, number in list(found.items())[:SHOWN])
    more = f" and {len(found) - SHOWN} more systems" if len(found) > SHOWN else ""
    return Note(
        f"nodes born from {born}, where {declared} is declared: {told}{more}; "
        f"to change them: govstack rebuild {next(iter(found))}"
    )
