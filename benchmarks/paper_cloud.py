"""A cloud on paper: it takes every order at once, remembers it, and has nothing behind it.

With it, states of cities are made that no machine could carry: by the real engine and the real
provider, and by Terraform.  It knows the calls that they make, and no rule of OpenStack's.

`python benchmarks/paper_cloud.py [PORT]` prints its address and serves until it is told to stop.
"""

import json
import re
import sys
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

Item = dict[str, Any]
Answer = tuple[int, Any]

SERVICES: Final = {
    "identity": ("identity", "/identity/v3"),
    "compute": ("compute", "/compute/v2.1"),
    "network": ("network", "/network"),
    "image": ("image", "/image"),
    "block-storage": ("volumev3", "/volume/v3"),
    "dns": ("dns", "/dns"),
    "key-manager": ("key-manager", "/key-manager"),
    "object-store": ("object-store", "/object/v1"),
}
"""The service types in the catalog, with their names and where they are served."""

SINGULAR: Final = {
    "networks": "network",
    "subnets": "subnet",
    "ports": "port",
    "routers": "router",
    "floatingips": "floatingip",
    "security-groups": "security_group",
    "security-group-rules": "security_group_rule",
    "projects": "project",
    "users": "user",
    "groups": "group",
    "roles": "role",
    "flavors": "flavor",
    "servers": "server",
    "os-server-groups": "server_group",
    "os-keypairs": "keypair",
    "volumes": "volume",
    "types": "volume_type",
    "application_credentials": "application_credential",
}
BARE: Final = frozenset({"images", "zones", "recordsets", "secrets"})
"""Collections whose items go without a name around them."""

PLURAL: Final = {"os-server-groups": "server_groups", "types": "volume_types"}
BORN: Final[dict[str, Item]] = {
    "networks": {"status": "ACTIVE", "admin_state_up": True, "shared": False, "subnets": []},
    "subnets": {"allocation_pools": [], "dns_nameservers": [], "host_routes": []},
    "ports": {"status": "ACTIVE", "admin_state_up": True, "device_id": "", "device_owner": ""},
    "routers": {"status": "ACTIVE", "admin_state_up": True, "routes": []},
    "floatingips": {"status": "ACTIVE"},
    "security-groups": {"security_group_rules": [], "stateful": True},
    "projects": {"enabled": True, "is_domain": False, "domain_id": "default"},
    "users": {"enabled": True, "domain_id": "default", "options": {}},
    "groups": {"domain_id": "default"},
    "servers": {"status": "ACTIVE", "OS-EXT-STS:vm_state": "active", "tenant_id": ""},
    "os-server-groups": {"members": []},
    "volumes": {"status": "available", "availability_zone": "nova", "attachments": []},
    "zones": {"status": "ACTIVE", "type": "PRIMARY", "masters": [], "attributes": {}},
    "recordsets": {"status": "ACTIVE"},
    "secrets": {"status": "ACTIVE"},
    "flavors": {"os-flavor-access:is_public": True, "rxtx_factor": 1.0, "swap": ""},
}
"""What a cloud adds to a new thing."""


class PaperCloud:
    """All that was ordered, by collection and id; `calls` counts the requests."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.calls = 0
        self.lock = threading.Lock()
        self.things: dict[str, dict[str, Item]] = {}
        self.kept: dict[str, Any] = {}
        for name in ("admin", "member", "reader"):
            self._add("roles", {"name": name})
        self._add("projects", {"name": "admin"})
        self._add("users", {"name": "admin"})
        self._add("networks", {"name": "public", "router:external": True})
        self._add("images", {"name": "debian-12", "status": "active", "visibility": "public"})
        encrypted = self._add("types", {"name": "encrypted", "is_public": True})
        self.kept[f"types/{encrypted['id']}/encryption"] = {"provider": "luks"}

    def answer(self, method: str, url: str, body: Any, headers: Any) -> Answer:  # noqa: ANN401
        """Return status and body for a request."""
        parts = urlsplit(url)
        path = [unquote(each) for each in parts.path.strip("/").split("/")]
        query = dict(parse_qsl(parts.query))
        self.calls += 1
        for pattern, handler in ROUTES:
            found = re.fullmatch(pattern, "/".join(path))
            if found:
                return handler(self, method, found.groups(), body, headers)
        return self._collection(method, path, query, body)

    def token(self, body: Item) -> Answer:
        """Answer a log-in: whoever comes gets a token for the project that he names."""
        asked = body["auth"]["identity"]["password"]["user"]
        scope = body["auth"].get("scope", {}).get("project", {})
        user = self._named("users", asked.get("name", ""), asked.get("id", ""))
        project = self._named("projects", scope.get("name", ""), scope.get("id", ""))
        domain = {"id": "default", "name": "Default"}
        return 201, {
            "token": {
                "methods": ["password"],
                "user": {**user, "domain": domain},
                "project": {**project, "domain": domain},
                "roles": list(self.things["roles"].values()),
                "issued_at": "2026-01-01T00:00:00.000000Z",
                "expires_at": "2099-01-01T00:00:00.000000Z",
                "catalog": [self._service(kind, project["id"]) for kind in SERVICES],
            }
        }

    def keep(self, method: str, key: str, body: Any) -> Any:  # noqa: ANN401 - as it was sent
        """Keep a document as it is sent, and give it back."""
        if method in {"PUT", "POST", "PATCH"}:
            self.kept[key] = {**self.kept.get(key, {}), **body}
        return self.kept.get(key, {})

    def one(self, kind: str, id_: str) -> Item:
        """Return a thing.

        Raises:
            KeyError: there is no such thing.
        """
        return self.things[kind][id_]

    def some(self, kind: str, **wanted: str) -> list[Item]:
        """Return the things that have these values."""
        things = self.things.get(kind, {}).values()
        return [each for each in things if all(each.get(k) == v for k, v in wanted.items())]

    def _service(self, kind: str, project: str) -> Item:
        type_, path = SERVICES[kind]
        own = {"volumev3": f"/{project}", "object-store": f"/AUTH_{project}"}.get(type_, "")
        endpoints = [
            {"interface": each, "region": "RegionOne", "region_id": "RegionOne", "id": each}
            | {"url": f"{self.address}{path}{own}"}
            for each in ("public", "internal", "admin")
        ]
        return {"type": type_, "name": kind, "id": kind, "endpoints": endpoints}

    def _named(self, kind: str, name: str, id_: str) -> Item:
        if id_:
            return self.things[kind][id_]
        found = self.some(kind, name=name)
        return found[0] if found else self._add(kind, {"name": name})

    def _add(self, kind: str, body: Item) -> Item:
        id_ = str(uuid.uuid4()) if kind != "os-keypairs" else body["name"]
        id_ = id_.replace("-", "") if kind in {"projects", "users", "groups", "roles"} else id_
        item = {**BORN.get(kind, {}), "id": id_, "description": "", **body}
        item.pop("password", None)
        if kind not in {"users", "groups", "roles"}:
            item.setdefault("tags", [])
        COMPLETE.get(kind, _as_it_is)(self, item)
        self.things.setdefault(kind, {})[item["id"]] = item
        return item

    def _collection(self, method: str, path: list[str], query: Item, body: Any) -> Answer:  # noqa: ANN401
        places = [n for n, word in enumerate(path) if word in SINGULAR or word in BARE]
        if not places:
            # What nobody ever orders here is asked for all the same: there is none of it.
            name = path[-2] if path[-1] == "detail" else path[-1]
            found = {name: []} if method == "GET" else {"error": f"{method} {'/'.join(path)}"}
            return 200 if method == "GET" else 404, found
        kind, rest = path[places[-1]], path[places[-1] + 1 :]
        if rest == ["detail"]:
            rest = []
        if rest and rest[0] not in self.things.get(kind, {}):
            return 404, {"error": f"no {rest[0]}"}
        if len(rest) > 1:
            key = "/".join(rest[1:])
            return 200, self.keep(method, f"{kind}/{rest[0]}/{key}", body)
        if not rest and method == "GET":
            return 200, {PLURAL.get(kind, kind.replace("-", "_")): self._listed(kind, query)}
        if method == "DELETE":
            del self.things[kind][rest[0]]
            return 204, None
        return self._single(method, kind, rest, body)

    def _single(self, method: str, kind: str, rest: list[str], body: Any) -> Answer:  # noqa: ANN401
        name = SINGULAR.get(kind)
        if method == "POST":
            item = self._add(kind, body[name] if name else body)
        else:
            item = self.things[kind][rest[0]]
            item.update((body[name] if name else body) if method in {"PUT", "PATCH"} else {})
        status = CREATED.get(kind, 201) if method == "POST" else 200
        return status, {name: item} if name else item

    def _listed(self, kind: str, query: Item) -> list[Item]:
        exact = {key: value for key, value in query.items() if key in {"name", "id", "type"}}
        return self.some(kind, **exact)


def _as_it_is(_cloud: PaperCloud, _item: Item) -> None:
    """Add nothing."""


def _complete_port(cloud: PaperCloud, item: Item) -> None:
    number = len(cloud.things.get("ports", {}))
    item["mac_address"] = "fa:16:3e:" + ":".join(f"{number:06x}"[n : n + 2] for n in (0, 2, 4))
    item.setdefault("security_groups", [])


def _complete_server(cloud: PaperCloud, item: Item) -> None:
    cloud.kept[f"networks of {item['id']}"] = item.pop("networks", [])
    item["flavor"] = {"id": item.pop("flavorRef", ""), "original_name": "flavor"}
    item["image"] = {"id": item.pop("imageRef", "")}
    item.setdefault("metadata", {})
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ")
    addresses: dict[str, list[Item]] = {}
    for each in cloud.kept[f"networks of {item['id']}"]:
        port = cloud.one("ports", each["port"])
        network = cloud.one("networks", port["network_id"])
        addresses.setdefault(network["name"], []).extend(
            {
                "addr": fixed["ip_address"],
                "version": 4,
                "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
                "OS-EXT-IPS:type": "fixed",
            }
            for fixed in port["fixed_ips"]
        )
    item |= {"created": now, "updated": now, "addresses": addresses, "security_groups": []}


def _complete_address(_cloud: PaperCloud, item: Item) -> None:
    item.setdefault("floating_ip_address", "203.0.113.1")
    item.setdefault("fixed_ip_address", "")


def _complete_secret(cloud: PaperCloud, item: Item) -> None:
    item["secret_ref"] = f"{cloud.address}/key-manager/v1/secrets/{item['id']}"
    item.pop("payload", None)
    item["content_types"] = {"default": "text/plain"}


def _complete_names(_cloud: PaperCloud, item: Item) -> None:
    item.setdefault("project_id", "")
    item["created_at"] = item["updated_at"] = "2026-01-01T00:00:00.000000"


CREATED: Final = {
    "types": 200,
    "servers": 202,
    "volumes": 202,
    "os-server-groups": 200,
    "os-keypairs": 200,
}
"""With what a cloud answers an order, where it is not 201."""

COMPLETE: Final[dict[str, Callable[[PaperCloud, Item], None]]] = {
    "ports": _complete_port,
    "servers": _complete_server,
    "floatingips": _complete_address,
    "secrets": _complete_secret,
    "zones": _complete_names,
    "recordsets": _complete_names,
}
"""What is added to a new thing of a kind, going by what was ordered."""


def _versions(cloud: PaperCloud, _method: str, found: Any, _body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    path = {"identity": "identity/v3", "compute": "compute/v2.1"}.get(found[0], f"{found[0]}/v2")
    number = {"identity": "v3.14", "compute": "v2.1", "volume": "v3.0"}.get(found[0], "v2.0")
    version = {
        "id": number,
        "status": "CURRENT",
        "version": "2.96",
        "min_version": "2.1",
        "links": [{"rel": "self", "href": f"{cloud.address}/{path}/"}],
    }
    return 200, {"version": version, "versions": [version]}


def _tokens(cloud: PaperCloud, _method: str, _found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    return cloud.token(body)


def _assignment(cloud: PaperCloud, _method: str, found: Any, _body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    whose, role = found
    if role:
        cloud.keep("PUT", whose, {role: True})
        return 204, None
    known = cloud.keep("GET", whose, None)
    return 200, {"roles": [cloud.one("roles", id_) for id_ in known]}


def _quota(cloud: PaperCloud, method: str, found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    name = "quota" if found[0] == "network" else "quota_set"
    kept = cloud.keep(method, "/".join(found), body[name] if body else None)
    return 200, {name: {"id": found[1], **kept}}


def _tags(cloud: PaperCloud, method: str, found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    item = cloud.one(found[0], found[1])
    if method == "PUT":
        item["tags"] = body["tags"]
    return 200, {"tags": item["tags"]}


def _plug(cloud: PaperCloud, _method: str, found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    router = cloud.one("routers", found[0])["id"]
    if "port_id" in body:
        port = cloud.one("ports", body["port_id"])
    else:
        subnet = cloud.one("subnets", body["subnet_id"])
        port = cloud._add(  # noqa: SLF001 - of this module
            "ports",
            {
                "network_id": subnet["network_id"],
                "fixed_ips": [{"subnet_id": subnet["id"], "ip_address": subnet["gateway_ip"]}],
            },
        )
    port |= {"device_id": router, "device_owner": "network:router_interface"}
    return 200, {"id": router, "port_id": port["id"], "subnet_id": body.get("subnet_id", "")}


def _routes(cloud: PaperCloud, _method: str, found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    router = cloud.one("routers", found[0])
    router["routes"] = [*router["routes"], *body["router"]["routes"]]
    return 200, {"router": router}


def _attachments(cloud: PaperCloud, method: str, found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    server, id_ = found
    if method == "POST":
        volume = body["volumeAttachment"]["volumeId"]
        made = {"id": volume, "volumeId": volume, "serverId": server, "device": "/dev/vdb"}
        cloud.one("volumes", volume)["status"] = "in-use"
        cloud.kept[f"attachment {volume}"] = made
        return 200, {"volumeAttachment": made}
    return 200, {"volumeAttachment": cloud.kept[f"attachment {id_}"]}


def _interfaces(cloud: PaperCloud, _method: str, found: Any, _body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    ports = [cloud.one("ports", each["port"]) for each in cloud.kept[f"networks of {found[0]}"]]
    return 200, {
        "interfaceAttachments": [
            {
                "port_id": port["id"],
                "net_id": port["network_id"],
                "mac_addr": port["mac_address"],
                "fixed_ips": port["fixed_ips"],
                "port_state": "ACTIVE",
            }
            for port in ports
        ]
    }


def _metadata(cloud: PaperCloud, method: str, found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    kept = cloud.keep(method, f"metadata of {found[0]}", body)
    return (201, {"metadata_ref": found[0]}) if method == "PUT" else (200, kept)


def _payload(cloud: PaperCloud, method: str, found: Any, body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    secret = cloud.one("secrets", found[0])
    if method == "PUT":
        cloud.kept[f"payload of {found[0]}"] = body
        return 204, None
    return 200, cloud.kept[f"payload of {found[0]}"] if found[1] else secret


def _account(_cloud: PaperCloud, _method: str, _found: Any, _body: Any, _headers: Any) -> Answer:  # noqa: ANN401
    return 200, []


def _container(cloud: PaperCloud, method: str, found: Any, _body: Any, headers: Any) -> Answer:  # noqa: ANN401
    sent = {key: value for key, value in headers.items() if key.lower().startswith("x-container")}
    cloud.keep("PUT" if method in {"PUT", "POST"} else "GET", "/".join(found), sent)
    return 204 if method in {"HEAD", "GET"} else 201, None


Handler = Callable[[PaperCloud, str, Any, Any, Any], Answer]
ROUTES: Final[tuple[tuple[str, Handler], ...]] = (
    (r"identity/v3/auth/tokens", _tokens),
    (
        r"(identity|compute|network|image|volume|dns|key-manager)(?:/v[\d.]+)?(?:/[0-9a-f]{32})?",
        _versions,
    ),
    (r"identity/v3/(projects/.+/(?:users|groups)/[^/]+)/roles(?:/([^/]+))?", _assignment),
    (r"(compute)/v2.1/os-quota-sets/([^/]+)", _quota),
    (r"(volume)/v3/[^/]+/os-quota-sets/([^/]+)", _quota),
    (r"(network)/v2.0/quotas/([^/]+)", _quota),
    (r"network/v2.0/([a-z-]+)/([^/]+)/tags", _tags),
    (r"network/v2.0/routers/([^/]+)/add_router_interface", _plug),
    (r"network/v2.0/routers/([^/]+)/add_extraroutes", _routes),
    (r"compute/v2.1/servers/([^/]+)/os-volume_attachments(?:/([^/]+))?", _attachments),
    (r"compute/v2.1/servers/([^/]+)/os-interface", _interfaces),
    (r"key-manager/v1/secrets/([^/]+)/metadata", _metadata),
    (r"key-manager/v1/secrets/([^/]+)(/payload)?", _payload),
    (r"object/v1/[^/]+", _account),
    (r"object/v1/([^/]+)/([^/]+)", _container),
)
"""What is not simply a collection of things, by path."""


class Desk(BaseHTTPRequestHandler):
    """Takes one connection's requests."""

    protocol_version = "HTTP/1.1"
    cloud: PaperCloud
    wbufsize = -1

    def _take(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        is_json = "json" in self.headers.get("Content-Type", "")
        with self.cloud.lock:
            try:
                status, body = self.cloud.answer(
                    self.command,
                    self.path,
                    json.loads(sent or b"{}") if is_json else sent.decode(),
                    self.headers,
                )
            except KeyError as error:
                status, body = 404, {"error": str(error)}
            text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        self.send_response_only(status)
        kind = "text/plain" if isinstance(body, str) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("X-Subject-Token", "paper")
        self.send_header("Content-Length", str(len(text.encode())))
        if self.path.startswith("/object/"):
            for name, value in self.cloud.kept.get("/".join(self.path.split("/")[3:5]), {}).items():
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _take  # noqa: N815 - the library names them

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Office(ThreadingHTTPServer):
    """Serves all connections side by side."""

    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that were given up."""


def make_server(port: int = 0) -> Office:
    """Return a server of a new cloud; any free port, if none is named."""
    desk = type("OwnDesk", (Desk,), {})
    server = Office(("127.0.0.1", port), desk)
    desk.cloud = PaperCloud(f"http://127.0.0.1:{server.server_address[1]}")
    return server


def main(port: int) -> None:
    """Serve until told to stop; prints the address first."""
    server = make_server(port)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
