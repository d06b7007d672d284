"""The section `people` of site.yaml: who comes to hosts, and who signs in to applications."""

from typing import Annotated

from pydantic import Field

from govstack.site.declared.base import Declared, described
from govstack.site.fields import Date, Id, PublicKey, Text
from govstack.site.kinds import Duty


class PersonDeclared(Declared):
    """Somebody with an account of their own."""

    name: Text = described("whose account it is; accounts are not shared", "陈云")
    tenant: Id = described("the department that the person belongs to", "dsjj")
    duty: Annotated[Duty, Field(strict=False)] | None = described(
        "which of the three separated administrators (三权分立) the person is; who is none "
        "comes to no host, and signs in to applications",
        "security",
        None,
    )
    ssh_keys: list[PublicKey] = described(
        "public keys that the person comes to hosts with, as OpenSSH writes them",
        ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..."],
        [],
    )
    comes_to: list[str] = described(
        "zones, systems, system/role or any; all systems of the own department if not said",
        ["any"],
        [],
    )
    email: Text = described("electronic mail", "chenyun@example.org", "")
    expires: Date | None = described(
        "the last day that the account is granted for", "2027-06-30", None
    )
