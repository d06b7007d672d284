"""What of a cloud is ours and in no state, by a cloud that answers from memory."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from openstack import exceptions

from govstack.clouds.found import Found, Known, Owner, Reach, labels_of, look
from govstack.clouds.kind import Scope
from govstack.clouds.kinds import KINDS
from govstack.clouds.remove import in_order, remove
from govstack.operations.leftovers import clear

OWNER = Owner(
    code="yz",
    names=frozenset({"yz-router-pub", "yz-small", "yz-inf-bas-svc", "yz-oa:tcp/443:10.0.0.0/8"}),
    site="yunzhou",
    environment="sandbox",
)
OURS = ["gov:env=sandbox", "gov:managed-by=govstack", "gov:site=yunzhou"]
INTERFACE = "network:router_interface"
TYPES = {kind.word: kind.type for kind in KINDS}


def thing(id_: str, name: str = "", **more: Any) -> SimpleNamespace:
    blank = {"tags": [], "metadata": {}, "project_id": "p1", "description": ""}
    return SimpleNamespace(**{**blank, "id": id_, "name": name, **more})


class Service:
    """A service of the cloud: lists what it was given, and remembers what it was told."""

    def __init__(self, told: list[tuple[object, ...]], **lists: list[Any]) -> None:
        self._told = told
        self._lists = lists

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith(("delete_", "remove_")):
            return lambda *arguments, **_: self._told.append((name, *arguments))
        if name.startswith("get_"):
            return lambda id_: thing(id_, status="available")
        if name == "wait_for_delete":
            return lambda *_arguments, **_options: None
        return lambda *_arguments, **filters: [
            each
            for each in self._lists.get(name, [])
            if all(getattr(each, key) == value for key, value in filters.items())
        ]


class Cloud:
    def __init__(self, **services: dict[str, list[Any]]) -> None:
        self.told: list[tuple[object, ...]] = []
        self._services = {name: Service(self.told, **lists) for name, lists in services.items()}
        self.current_user_id = "u1"

    def has_service(self, type_: str) -> bool:
        return type_.replace("-", "_") in self._services

    def __getattr__(self, name: str) -> Service:
        return self._services[name]


def reach(cloud: Any, scope: Scope = Scope.SYSTEM) -> Reach:
    return Reach(
        own=cloud, platform=cloud, project="p1", name="app-oa", scope=scope, system="app-oa"
    )


def words(found: tuple[Found, ...]) -> list[tuple[str, str]]:
    return [(each.kind.word, each.id) for each in found]


def test_ours_goes_by_labels_and_without_them_by_name() -> None:
    labels = labels_of(OURS)
    assert OWNER.owns("any", labels, Scope.PLATFORM)
    assert not OWNER.owns("yz-port", labels | {"gov:env": "production"}, Scope.SYSTEM)
    assert OWNER.owns("yz-port", {}, Scope.SYSTEM)
    assert not OWNER.owns("yzz-port", {}, Scope.SYSTEM)
    assert not OWNER.owns("yz-port", {}, Scope.PLATFORM)
    assert OWNER.owns("yz-small", {}, Scope.PLATFORM)


def test_what_a_state_knows_and_what_is_not_ours_is_not_found() -> None:
    ports = [
        thing("known", "yz-a"),
        thing("new", "yz-b"),
        thing("tagged", "b", tags=OURS),
        thing("stranger", "b"),
        thing("elsewhere", "yz-b", project_id="p2"),
        thing("routers", "yz-transit", device_owner=INTERFACE),
    ]
    known: Known = frozenset({(TYPES["port"], "known")})
    cloud = Cloud(network={"ports": ports})
    assert words(look(reach(cloud), OWNER, known)) == [("port", "new"), ("port", "tagged")]


def test_parts_are_found_in_what_they_are_part_of() -> None:
    volume = thing("v", "yz-v", attachments=[{"server_id": "s1"}], metadata={})
    rule = {"direction": "ingress", "protocol": "tcp", "remote_ip_prefix": "10.0.0.0/8"}
    rules = [
        rule | {"id": "ours", "port_range_min": 443, "port_range_max": 443},
        rule | {"id": "by-hand", "port_range_min": 443, "port_range_max": 444},
        rule | {"id": "out", "port_range_min": 443, "port_range_max": 443, "direction": "egress"},
    ]
    interface = thing("i", network_id="n", device_owner=INTERFACE, device_id="r1")
    cloud = Cloud(
        block_storage={"volumes": [volume]},
        network={
            "security_groups": [thing("g", "yz-oa", security_group_rules=rules)],
            "networks": [thing("n", "yz-n")],
            "ports": [interface],
        },
        dns={},
    )
    known: Known = frozenset(
        {(TYPES[word], id_) for word, id_ in [("volume", "v"), ("network", "n"), ("port", "i")]}
    )
    found = look(reach(cloud), OWNER, known)
    assert [(each.kind.word, each.id, each.within) for each in found] == [
        ("volume attachment", "v", "s1"),
        ("router interface", "i", "r1"),
        ("security group rule", "ours", ""),
        ("security group", "g", ""),
    ]
    attached = known | {(TYPES["volume attachment"], "s1/v")}
    assert words(look(reach(cloud), OWNER, attached))[0] == ("router interface", "i")


def test_the_platform_finds_what_it_names_and_no_other_operators_things() -> None:
    cloud = Cloud(
        compute={"flavors": [thing("f", "yz-small"), thing("x", "yz-strange")]},
        identity={"users": [thing("u", "yz-inf-bas-svc"), thing("b", "yz-bob")]},
        image={
            "images": [
                thing("half", "yz-linux", tags=OURS, status="queued"),
                thing("kept", "yz-linux", tags=OURS, status="active"),
            ]
        },
    )
    found = look(reach(cloud, Scope.PLATFORM), OWNER, frozenset())
    assert words(found) == [("flavor", "f"), ("image", "half"), ("user", "u")]


def test_names_of_services_are_found_by_system() -> None:
    zone = thing("z", "yunzhou.example.")
    records = [
        thing("mine", "https.app-oa.yunzhou.example.", type="A"),
        thing("others", "https.app-hal.yunzhou.example.", type="A"),
        thing("soa", "app-oa.yunzhou.example.", type="SOA"),
    ]
    cloud = Cloud(dns={"zones": [zone], "recordsets": records})
    owner = Owner(code="yz", names=frozenset(), site="s", environment="e", zone="yunzhou.example")
    (found,) = look(reach(cloud), owner, frozenset())
    assert (found.kind.word, found.id, found.within) == ("record set", "mine", "z")
    assert remove(reach(cloud), found) == ""
    assert cloud.told == [("delete_recordset", "mine", "z")]


def test_users_of_a_thing_go_before_the_thing() -> None:
    kinds = {kind.word: kind for kind in KINDS}
    mixed = tuple(
        Found(kind=kinds[word], id=word, name=word, project="p")
        for word in ("project", "network", "security group", "server", "subnet", "port", "volume")
    )
    assert [each.id for each in in_order(mixed)] == [
        "server",
        "port",
        "subnet",
        "network",
        "security group",
        "volume",
        "project",
    ]


def found(word: str, id_: str = "x", **more: str) -> Found:
    kind = next(kind for kind in KINDS if kind.word == word)
    return Found(kind=kind, id=id_, name=id_, project="p1", **more)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (found("port"), ("delete_port", "x")),
        (found("server"), ("delete_server", "x")),
        (found("volume attachment", within="s"), ("delete_volume_attachment", "s", "x")),
        (found("router interface", within="r"), ("remove_interface_from_router", "r")),
        (
            found("application credential", within="u"),
            ("delete_application_credential", "u", "x"),
        ),
        (found("group"), ("delete_group", "x")),
        (found("project"), ("delete_project", "x")),
    ],
)
def test_how_things_are_removed(what: Found, told: tuple[object, ...]) -> None:
    cloud = Cloud(network={}, compute={}, block_storage={}, identity={})
    if what.kind.word == "volume attachment":
        cloud.block_storage.get_volume = lambda _id: Leaving()  # type: ignore[method-assign]
    assert remove(reach(cloud), what) == ""
    assert cloud.told == [told]


class Leaving:
    """A volume that is in use when it is looked at first, and free afterwards."""

    id = "x"
    status = "in-use"

    def fetch(self, _service: object) -> SimpleNamespace:
        return SimpleNamespace(id="x", status="available")


@pytest.mark.parametrize(
    ("services", "what", "reason"),
    [
        ({"identity": {"group_users": [thing("someone")]}}, "group", "somebody is in the group x"),
        (
            {"network": {"networks": [thing("n", "yz-n", project_id="x")]}},
            "project",
            "the project x still holds the network yz-n",
        ),
    ],
)
def test_what_others_may_need_is_kept(
    services: dict[str, dict[str, list[Any]]], what: str, reason: str
) -> None:
    everything = {"network": {}, "compute": {}, "block_storage": {}, "identity": {}}
    cloud = Cloud(**(everything | services))
    assert remove(reach(cloud), found(what)) == reason
    assert cloud.told == []


def test_what_is_gone_meanwhile_is_gone() -> None:
    def gone(_id: str) -> None:
        raise exceptions.NotFoundException

    cloud = SimpleNamespace(network=SimpleNamespace(delete_port=gone))
    assert remove(reach(cloud), found("port")) == ""


def test_what_may_hold_data_is_kept_and_told() -> None:
    servers = [thing("s", "yz-s")]
    cloud = Cloud(compute={"servers": servers}, network={"ports": [thing("p", "yz-p")]})
    cloud.told.clear()
    everything = clear(reach(cloud), OWNER, frozenset(), lambda each: not each.kind.holds_data)
    assert {(each.found.id, each.error) for each in everything} == {
        ("p", ""),
        ("s", "it may hold data"),
    }
    assert set(cloud.told) == {("delete_port", "p")}
