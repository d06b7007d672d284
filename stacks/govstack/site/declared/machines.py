"""The machines of a site: physical servers that nodes of systems are on."""

from govstack.site.declared.base import Declared, described
from govstack.site.fields import Address, Id, Text


class MachineDeclared(Declared):
    """A physical x86 server."""

    vendor: Id = described("its maker, as the table of hardware knows it", "inspur")
    model: Text = described("its model, as its firmware names it", "NF5280M6")
    serial: Text = described("its serial number", "221733901")
    management: Address | None = described(
        "the address of its own controller (BMC), outside the cloud's networks",
        "172.31.0.11",
        None,
    )
    place: Text = described("where it stands", "A栋3层-07柜-21U", "")
