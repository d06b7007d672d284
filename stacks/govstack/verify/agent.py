"""Runs on a host, by its own Python, 3.8 or later: takes steps of probes, tells what was seen.

It is sent there whole and installed nowhere.  It reads one list of sequences of steps a line, and
answers by one line.  What is secret comes by those lines alone, never by a command line.
"""

from __future__ import annotations

import base64
import concurrent.futures
import errno
import http.client
import importlib
import json
import os
import re
import selectors
import shlex
import socket
import ssl
import struct
import subprocess
import sys
import time
import urllib.parse
from typing import Any

AT_ONCE, PAUSE_SECONDS, DAY = 4, 0.25, 86400.0
LONGEST = 300  # characters that are told of an output
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # by which PostgreSQL is asked for TLS
RUN_PYTHON = (
    "import io, json, sys; job = json.load(sys.stdin); "
    "sys.stdin = io.StringIO(json.dumps(job['values'])); "
    "exec(compile(job['code'], 'probe', 'exec'))"
)
LOGIN = {"host": "name", "hostaddr": "address", "port": "port", "dbname": "database"}
LOGIN.update(user="account", password="password")  # noqa: S106 - names, not values
CODES = {0: "answered", errno.ECONNREFUSED: "refused"}


def try_tls(asked: dict[str, Any]) -> dict[str, Any]:
    """Shake hands; tell whether the certificate is good for the name, and for how many days."""
    with socket.create_connection((asked["address"], asked["port"]), asked["seconds"]) as plain:
        if asked["starttls"] == "postgres":
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                return {"chain": "no TLS is spoken there", "days": 0}
        try:
            with _trusting(asked["authority"]).wrap_socket(
                plain, server_hostname=asked["name"]
            ) as secured:
                shown: Any = secured.getpeercert()
        except ssl.SSLCertVerificationError as error:
            return {"chain": error.verify_message, "days": 0}
        ends = ssl.cert_time_to_seconds(shown["notAfter"])
        return {"chain": "good", "days": int((ends - time.time()) // DAY)}


def try_http(asked: dict[str, Any]) -> dict[str, Any]:
    """Send a request; tell status, headers and body of what comes back."""
    place = urllib.parse.urlsplit(asked["url"])
    connection = _Connection(place, asked)
    headers = dict(asked["headers"])
    if asked["account"]:
        login = (asked["account"] + ":" + asked["password"]).encode()
        headers["Authorization"] = "Basic " + base64.b64encode(login).decode()
    body = None
    if asked["body"] is not None:
        body = json.dumps(asked["body"], ensure_ascii=False).encode()
        headers.setdefault("Content-Type", "application/json")
    path = (place.path or "/") + ("?" + place.query if place.query else "")
    try:
        connection.request(asked["method"], path, body, headers)
        reply = connection.getresponse()
        text = reply.read().decode("utf-8", "replace")
    finally:
        connection.close()
    told = {"header " + name.lower(): value for name, value in reply.getheaders()}
    return {"status": reply.status, "body": text, **told}


class _Connection(http.client.HTTPConnection):
    """One to an address, with the name that is asked for; by TLS unless the URL says otherwise."""

    def __init__(self, place: urllib.parse.SplitResult, asked: dict[str, Any]) -> None:
        is_secure = place.scheme == "https"
        port = place.port or (443 if is_secure else 80)
        super().__init__(place.hostname or "", port, timeout=asked["seconds"])
        self._address = _place_of(place.hostname or "", asked["address"])
        self._secured = _trusting(asked["authority"]) if is_secure else None

    def connect(self) -> None:
        """Connect to the address, and see that it is who the name says."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secured:
            self.sock = self._secured.wrap_socket(self.sock, server_hostname=self.host)


def _place_of(host: str, address: str) -> str:
    """Return where a host is connected to: a name may be found at an address that is told."""
    try:
        socket.inet_aton(host)
    except OSError:
        return address or host
    return host


def try_sql(asked: dict[str, Any]) -> dict[str, Any]:
    """Log in to a database over TLS, run statements, tell the last rows."""
    try:
        psycopg2 = importlib.import_module("psycopg2")
    except ImportError:
        return {"error": "this host has no psycopg2"}
    try:
        connection = psycopg2.connect(
            **{option: asked[name] for option, name in LOGIN.items()},
            sslmode="verify-full",
            sslrootcert=_file(asked["authority"]),
            connect_timeout=int(asked["seconds"]),
        )
    except psycopg2.Error as error:
        return {"error": _line(str(error))}
    try:
        with connection, connection.cursor() as cursor:
            for statement in asked["statements"]:
                cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
    except psycopg2.Error as error:
        return {"error": _line(str(error))}
    finally:
        connection.close()
    return {"rows": "\n".join(" ".join(str(each) for each in row) for row in rows)}


def try_shell(asked: dict[str, Any]) -> dict[str, Any]:
    """Run a script of the shell, which comes by its input, as do its values."""
    values = "".join(
        name + "=" + shlex.quote(str(text)) + "\n" for name, text in asked["values"].items()
    )
    return _run(asked, ["sh", "-c", 'eval "$(cat)"'], values + asked["script"])


def try_python(asked: dict[str, Any]) -> dict[str, Any]:
    """Run a program of Python, which comes by its input, and reads its values there."""
    job = json.dumps({"code": asked["script"], "values": asked["values"]})
    return _run(asked, [sys.executable, "-c", RUN_PYTHON], job)


def _run(asked: dict[str, Any], command: list[str], text: str) -> dict[str, Any]:
    if asked["user"]:
        command = ["sudo", "-n", "-u", asked["user"], "--", *command]
    try:
        ran = subprocess.run(  # noqa: S603 - what the probe says
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=asked["seconds"],
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        return {"error": "it has not ended within {:.0f} s".format(asked["seconds"])}
    return {"code": ran.returncode, "out": ran.stdout.strip(), "err": ran.stderr.strip()}


def try_name(asked: dict[str, Any]) -> dict[str, Any]:
    """Resolve a name as every program of the host does."""
    try:
        found = socket.getaddrinfo(asked["name"], None, socket.AF_INET, socket.SOCK_STREAM)
    except socket.gaierror as error:
        return {"error": asked["name"] + ": " + error.strerror}
    return {"addresses": " ".join(sorted({str(each[4][0]) for each in found}))}


def try_paths(asked: dict[str, Any]) -> dict[str, Any]:
    """Try to connect to many ports at the same time; tell what became of each."""
    answers: list[Any] = [None] * len(asked["targets"])
    todo = list(enumerate(asked["targets"]))
    while todo:
        now, todo = todo[: asked["at_once"]], todo[asked["at_once"] :]
        _connect(now, answers, asked["patience"])
    return {"answers": [CODES.get(code, "none") for code in answers]}


def _connect(now: list[Any], answers: list[Any], seconds: float) -> None:
    waiting = selectors.DefaultSelector()
    for number, (address, port) in now:
        one = socket.socket()
        one.settimeout(0)
        code = one.connect_ex((address, port))
        if code in (0, errno.EINPROGRESS):
            waiting.register(one, selectors.EVENT_WRITE, number)
        else:
            answers[number] = code
            one.close()
    end = time.monotonic() + seconds
    while waiting.get_map() and time.monotonic() < end:
        for key, _ in waiting.select(max(0.0, end - time.monotonic())):
            done: Any = waiting.unregister(key.fileobj).fileobj
            answers[key.data] = done.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            done.close()
    for key in list(waiting.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]


KINDS = {
    "tls": try_tls,
    "http": try_http,
    "sql": try_sql,
    "shell": try_shell,
    "python": try_python,
    "name": try_name,
    "paths": try_paths,
}


def _trusting(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority or None)


FILES: dict[str, str] = {}


def _file(authority: str) -> str:
    # For those who take files alone; it goes with this process.
    if authority not in FILES:
        number = os.memfd_create("authority")
        os.write(number, authority.encode())
        FILES[authority] = f"/proc/{os.getpid()}/fd/{number}"
    return FILES[authority]


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def meets(seen: Any, wanted: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    """Tell whether a value is as it is expected."""
    if not isinstance(wanted, dict):
        return bool(str(seen) == str(wanted))
    ((how, what),) = wanted.items()
    if how in {"contains", "lacks"}:
        return (str(what) in str(seen)) is (how == "contains")
    if how == "matches":
        return re.search(str(what), str(seen)) is not None
    if how == "one_of":
        return str(seen) in [str(each) for each in what]
    number = float(seen or 0)
    return number >= float(what) if how == "at_least" else number <= float(what)


def words(name: str, wanted: Any) -> str:  # noqa: ANN401 - as above
    """Say what is expected of a value."""
    if not isinstance(wanted, dict):
        return "{} {}".format(name, wanted if wanted != "" else "empty")
    ((how, what),) = wanted.items()
    listed = " or ".join(str(each) for each in what) if how == "one_of" else what
    return "{} {} {}".format(name, how.replace("_", " "), listed)


def judge(expect: dict[str, Any], result: dict[str, Any]) -> tuple[str, str]:
    """Return what was expected and what was seen instead; both empty if all is well."""
    if "error" in result and "error" not in expect:
        return ", ".join(words(*each) for each in expect.items()), result["error"]
    said = str(result.get("err") or result.get("out", "")) if result.get("code") else ""
    # Of a program that ended in a traceback the last line says why.
    said = said.splitlines()[-1] if said.startswith("Traceback") else said
    for name, wanted in expect.items():
        seen = result.get(name, "")
        if not meets(seen, wanted):
            told = [name, said or "empty"] if name == "err" else [name, str(seen) or "empty"]
            why = ": " + said if said and name != "err" else ""
            return words(name, wanted), _line(" ".join(told) + why)
    return "", ""


def take(step: dict[str, Any]) -> dict[str, Any]:
    """Take one step, again and again within its time until all is as expected."""
    started = time.monotonic()
    while True:
        try:
            result = KINDS[step["kind"]](step["ask"])
        except (OSError, http.client.HTTPException, ValueError) as error:
            result = {"error": _line(str(error) or type(error).__name__)}
        expected, seen = judge(step["expect"], result)
        spent = time.monotonic() - started
        if not expected or spent + PAUSE_SECONDS > step["within"]:
            break
        time.sleep(PAUSE_SECONDS)
    answer = {"expected": expected, "seen": seen, "seconds": round(spent, 3)}
    return dict(answer, answers=result["answers"]) if "answers" in result else answer


def take_all(steps: list[dict[str, Any]]) -> list[Any]:
    """Take steps one after another; after a failure only those that are always taken."""
    answers: list[Any] = []
    failed = False
    for step in steps:
        answer = take(step) if step["always"] or not failed else None
        failed = failed or bool(answer and answer["expected"])
        answers.append(answer)
    return answers


def main() -> None:
    """Answer until nobody asks any more."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for line in sys.stdin:
            answers = list(pool.map(take_all, json.loads(line)))
            sys.stdout.write(json.dumps(answers) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
