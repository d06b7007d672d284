"""The proxy: ``/SERVICE/…`` goes to that service, unless the plan has something else for it."""

import http.client
import http.server
import json
import os
import signal
import socket
import socketserver
import threading
import time
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final, NoReturn

from govstack_sandbox.faults import bodies
from govstack_sandbox.faults.plan import (
    BALANCER_STUCK,
    DROP,
    SERVER_ERROR,
    SLOW,
    TOKEN,
    Call,
    Plan,
    Planned,
    Rule,
)
from govstack_sandbox.layout import Layout
from govstack_sandbox.lifeline import die_with_parent
from govstack_sandbox.ports import ADDRESS, BACKLOG, load_ports

READY: Final = b"ready\n"
TELL: Final = "_faults"
"""The path at which the proxy tells what it has done."""
IDLE_SECONDS: Final = 120
BLOCK: Final = 2**16
HOP_BY_HOP: Final = frozenset(
    {"connection", "host", "keep-alive", "transfer-encoding", "content-length", "expect"}
)
ID: Final = "x-openstack-request-id"


def serve(root: Path, *, socket_number: int, notify_number: int) -> NoReturn:
    """Serve until told to stop or until the supervisor dies."""
    die_with_parent()
    signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(0))
    server = Proxy(Layout(root), socket.socket(fileno=socket_number))
    os.write(notify_number, READY)
    os.close(notify_number)
    server.serve_forever()
    os._exit(0)


class Proxy(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """What all connections share: the plan, and what it has brought upon the cloud's things."""

    daemon_threads = True
    request_queue_size = BACKLOG

    def __init__(self, layout: Layout, listening: socket.socket) -> None:
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.address = f"http://{ADDRESS}:{listening.getsockname()[1]}"
        self.planned = Planned(layout.faults, self._forget)
        self.lock = threading.Lock()
        self.tokens: dict[str, float] = {}
        self.failed: set[str] = set()
        self.stuck: set[str] = set()
        self._layout = layout

    def port_of(self, service: str) -> int:
        """Return where a service listens, 0 if there is none of that name."""
        return self.ports.get(service, 0)

    @property
    def ports(self) -> dict[str, int]:
        """Return the ports of all services; some may have been added."""
        return load_ports(self._layout.cloud).services

    def _forget(self) -> None:
        self.failed.clear()
        self.stuck.clear()


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = BLOCK
    timeout = IDLE_SECONDS
    server: Proxy

    def log_message(self, *_: object) -> None:
        """Write nothing: a log of all calls is the services' own."""

    def __getattr__(self, name: str) -> object:
        """Answer every method in the same way."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _handle(self) -> None:
        service, _, rest = self.path.lstrip("/").partition("/")
        body = self._body()
        plan = self.server.planned.plan
        if service == TELL:
            self._answer(HTTPStatus.OK, json.dumps(plan.told()).encode())
            return
        port = self.server.port_of(service)
        if not port:
            self._refuse(HTTPStatus.NOT_FOUND, f"there is no service {service!r}")
            return
        call = Call(service, self.command, f"/{rest}".partition("?")[0])
        if not self._meet(plan, call):
            return
        faults = plan.faults_of(call)
        time.sleep(sum(rule.seconds for rule in faults if rule.kind == SLOW))
        ends = next((rule for rule in faults if rule.kind != SLOW), None)
        if ends and not ends.after:
            self._fail(ends)
            return
        answer, content = self._forward(port, f"/{rest}", body)
        self._note(plan, call, body, answer, content)
        if ends:
            self._fail(ends)
            return
        self._pass_on(call, answer, content)

    def _meet(self, plan: Plan, call: Call) -> bool:
        """Tell whether a call gets past what has become of tokens and of balancers."""
        made = self.server.tokens.get(self.headers.get("X-Auth-Token", ""))
        oldest = plan.oldest_token
        if oldest is not None and made is not None and time.monotonic() - made > oldest:
            plan.note(TOKEN)
            self._refuse(HTTPStatus.UNAUTHORIZED, "The request you have made requires a token.")
            return False
        if call.service == "octavia" and call.method != "GET":
            for stuck in self.server.stuck:
                if stuck in call.path:
                    text = f"Load Balancer {stuck} is immutable and cannot be updated."
                    self._refuse(HTTPStatus.CONFLICT, text)
                    return False
        return True

    def _note(
        self, plan: Plan, call: Call, body: bytes, answer: http.client.HTTPResponse, content: bytes
    ) -> None:
        """Remember what was made, where something will become of it."""
        if call.method != "POST":
            return
        if call.path.endswith("/auth/tokens") and answer.headers["X-Subject-Token"]:
            self.server.tokens[answer.headers["X-Subject-Token"]] = time.monotonic()
        for service, key, kind, marked in (
            ("nova", "server", SERVER_ERROR, self.server.failed),
            ("octavia", "loadbalancer", BALANCER_STUCK, self.server.stuck),
        ):
            made, _ = bodies.made_of(content, key)
            _, name = bodies.made_of(body, key)
            if call.service == service and made and name and plan.fault_of(kind, name):
                marked.add(made)

    def _fail(self, rule: Rule) -> None:
        if rule.kind == DROP:
            self.close_connection = True
            return
        headers = {"Retry-After": f"{rule.seconds:.0f}"} if rule.seconds else {}
        status = HTTPStatus(int(rule.kind))
        self._refuse(status, f"{status.phrase} (a fault that was asked for)", headers)

    def _refuse(
        self, status: HTTPStatus, message: str, headers: dict[str, str] | None = None
    ) -> None:
        error = {"error": {"code": status.value, "title": status.phrase, "message": message}}
        self._answer(status, json.dumps(error).encode(), headers)

    def _answer(
        self, status: HTTPStatus, content: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header(ID, f"req-{uuid.uuid4()}")
        self._finish(content)

    def _finish(self, content: bytes) -> None:
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _forward(self, port: int, path: str, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(ADDRESS, port)
        try:
            connection.putrequest(self.command, path, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    connection.putheader(name, value)
            if body or self.command in {"POST", "PUT", "PATCH"}:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def _pass_on(self, call: Call, answer: http.client.HTTPResponse, content: bytes) -> None:
        if bodies.leads_elsewhere(call.service, call.path):
            content = bodies.with_addresses(content, self.server.address, self.server.ports)
        if call.service == "nova" and self.server.failed:
            content = bodies.with_error(content, frozenset(self.server.failed))
        if call.service == "octavia" and self.server.stuck:
            content = bodies.with_pending(content, frozenset(self.server.stuck))
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if self.command == "HEAD" and answer.headers["Content-Length"]:
            self.send_header("Content-Length", answer.headers["Content-Length"])
            self.end_headers()
        elif answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
            self.end_headers()
        else:
            self._finish(content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
