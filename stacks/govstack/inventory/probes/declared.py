"""What may stand in a role's `probes.yaml`: a small, closed vocabulary, checked when it is read."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from govstack.inventory.probes.language import Expression, Template
from govstack.inventory.tables import Strict

ID: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
FILE: Final = r"^([a-z][a-z_]*/)?[a-z][a-z_]*\.py$"
LEAST_DAYS: Final = 7
"""For how many days a certificate must be good at least, where a probe says nothing else."""
SECONDS: Final = 15.0
LONGEST_SECONDS: Final = 120.0

Names = dict[str, Template]
Plain = str | int | float
Wanted = Plain | dict[str, Any]


class From(StrEnum):
    """From which hosts a probe is made, for each host that has the role."""

    SELF = "self"
    """the host itself"""
    PEER = "peer"
    """each other host that has the role in the same group: a replica"""
    USER = "user"
    """one host of each system that has a password for what the host offers at `port`"""
    CLIENT = "client"
    """one host that a flow leads to `port` of the host"""
    CLIENTS = "clients"
    """one such host of each system"""


class Tls(Strict):
    """Shake hands and look at the certificate: `chain` and `days`."""

    name: Template = "{{ server.name }}"
    address: Template = "{{ server.address }}"
    port: Template
    authority: Template
    starttls: Literal["", "postgres"] = ""


class Http(Strict):
    """Send a request: `status`, `body`, and each header as `header NAME`.

    A name in the URL is taken to be at `address`, resolved only if that is empty.
    """

    url: Template
    address: Template = "{{ server.address }}"
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    headers: Names = Field(default={})
    account: Template = ""
    password: Template = ""
    body: Any = None
    authority: Template = ""


class Sql(Strict):
    """Log in to a database and run statements in one transaction: `rows` of the last one."""

    name: Template = "{{ server.name }}"
    address: Template = "{{ server.address }}"
    port: Template
    database: Template
    account: Template
    password: Template
    authority: Template
    statements: tuple[Template, ...] = Field(min_length=1)


class Shell(Strict):
    """Run a script of the shell: `code`, `out` and `err`.

    The script holds no templates: what it needs comes as variables, `values`, so that no value can
    be taken for a part of the program.
    """

    script: str
    values: dict[str, Any] = Field(default={})
    user: Literal["", "root", "postgres"] = ""


class Python(Strict):
    """Run a program that lies beside, or of another role: `code`, `out` and `err`.

    It reads `values` as JSON.
    """

    file: str = Field(pattern=FILE)
    values: dict[str, Any] = Field(default={})
    user: Literal["", "root", "postgres"] = ""


class Name(Strict):
    """Resolve a name as every program does: `addresses`, sorted."""

    name: Template


KINDS: Final = ("tls", "http", "sql", "shell", "python", "name")
MATCHERS: Final = ("contains", "lacks", "matches", "at_least", "at_most", "one_of")
EXPECTED: Final[dict[str, dict[str, Wanted]]] = {
    "tls": {"chain": "good", "days": {"at_least": LEAST_DAYS}},
    "http": {"status": 200},
    "sql": {},
    "shell": {"code": 0},
    "python": {"code": 0},
    "name": {},
}
"""What is expected where a step says nothing: at least that it is no error."""


class Step(Strict):
    """One thing that is done on one host; later ones are taken only if all before them went well.

    Attributes:
        at: on which host, where it is not the one that the probe is made from.
        when: whether the step is taken at all.
        expect: what each part of the result is to be, a value or one matcher.
        within: for how many seconds it may be repeated until all is as expected.
        seconds: how long one attempt may take.
        always: whether it is taken even if others failed: it puts back what they changed.
        hint: what to do if it fails.
    """

    at: Expression = ""
    when: Expression = ""
    tls: Tls | None = None
    http: Http | None = None
    sql: Sql | None = None
    shell: Shell | None = None
    python: Python | None = None
    name: Name | None = None
    expect: dict[str, Wanted] = Field(default={})
    within: Annotated[float, Field(ge=0, le=LONGEST_SECONDS)] = 0
    seconds: Annotated[float, Field(gt=0, le=LONGEST_SECONDS)] = SECONDS
    always: bool = False
    hint: Template = ""

    @field_validator("expect")
    @classmethod
    def _matchers_are_known(cls, expect: dict[str, Wanted]) -> dict[str, Wanted]:
        for name, wanted in expect.items():
            if isinstance(wanted, dict) and (len(wanted) != 1 or not set(wanted) <= set(MATCHERS)):
                message = f"{name} takes a value, or one of {', '.join(MATCHERS)}"
                raise ValueError(message)
        return expect

    @model_validator(mode="after")
    def _does_one_thing(self) -> "Step":
        found = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(found) != 1:
            message = f"does one of {', '.join(KINDS)}, not {' and '.join(found) or 'nothing'}"
            raise ValueError(message)
        return self

    @property
    def kind(self) -> str:
        """Return what it does."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def action(self) -> Strict:
        """Return what it does, with what that needs."""
        action: Strict = getattr(self, self.kind)
        return action


class Probe(Strict):
    """Something that must be so where a role has done its work.

    Attributes:
        id: unique in its role.
        title: what is so, if all is well.
        hosts: from where it is tried.
        port: which port of the host flows must lead to, where it is tried by clients or users.
        when: whether it applies to the host that has the role.
        each: a list; tried once for each of its items, which is `item`.
        disturbs: whether something that serves is changed or stopped meanwhile.
        hint: what to do if a step fails that says nothing itself.
    """

    id: str = Field(pattern=ID)
    title: Template
    hosts: From = Field(default=From.SELF, alias="from")
    port: Expression = ""
    when: Expression = ""
    each: Expression = ""
    disturbs: bool = False
    hint: Template = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> "Probe":
        if (self.hosts in {From.CLIENT, From.CLIENTS, From.USER}) != bool(self.port):
            message = "names a port if it is tried by clients or users, and only then"
            raise ValueError(message)
        return self


class ProbeFile(Strict):
    """All probes of a role."""

    format: Literal[1]
    probes: tuple[Probe, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_each_once(self) -> "ProbeFile":
        names = [probe.id for probe in self.probes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"stands there twice: {', '.join(twice)}"
            raise ValueError(message)
        return self
