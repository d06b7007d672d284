"""Rules of data sets: who may consume what, and through what."""

from collections.abc import Iterator

from govstack.errors import Problem
from govstack.site.declared.system import DataSetDeclared, SystemDeclared
from govstack.site.kinds import DataClass, Share
from govstack.site.sources import Part, Sources

ORDER = tuple(DataClass)
"""The classes of data, lowest first."""


def check_data_sets(sources: Sources) -> Iterator[Problem]:
    """Yield a problem for each data set that is consumed against its share type."""
    for part in sources.systems:
        for id_, data_set in part.declared.data_sets.items():
            yield from _check(part, id_, data_set)


def _check(part: Part[SystemDeclared], id_: str, data_set: DataSetDeclared) -> Iterator[Problem]:
    here = ("data_sets", id_)
    if data_set.share is Share.NONE:
        for index, consumer in enumerate(data_set.consumers):
            yield part.problem(
                f"{id_} is not shared (不予共享), so {consumer} cannot consume it",
                "remove the consumer, or have the share type changed by its owner first",
                *(*here, "consumers", index),
            )
    if data_set.share is Share.CONDITIONAL and not data_set.condition:
        yield part.problem(
            f"{id_} is shared on a condition that is not named",
            "write it, such as condition: 依申请，经主管部门批准",
            *here,
        )
    for index, consumer in enumerate(data_set.consumers):
        if consumer == part.declared.id:
            yield part.problem(
                "a system does not consume its own data", "remove it", *here, "consumers", index
            )
    if ORDER.index(data_set.data_class) > ORDER.index(part.declared.data_class):
        yield part.problem(
            f"{data_set.data_class} data in a system whose data_class is "
            f"{part.declared.data_class}",
            "raise the system's data_class to that of its highest data",
            *(*here, "data_class"),
        )
