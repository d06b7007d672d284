"""Colours of drawings, for light and for dark: text has a contrast of at least 4.5 to its ground.

A zone's colour says what it faces: the Internet is red, data are blue, operators are grey.
"""

from dataclasses import dataclass
from typing import Final

from govstack.site.kinds import Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Hue:
    """The colours of one kind of zone: `strong` bears white text, `tint` bears cards."""

    strong: str
    tint: str
    dark_tint: str
    dark_edge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shades:
    """The colours that all drawings share."""

    ground: str
    panel: str
    card: str
    line: str
    ink: str
    quiet: str
    path: str
    alarm: str
    badge: str
    veil: float


LIGHT: Final = Shades(
    ground="#ffffff",
    panel="#eef1f4",
    card="#ffffff",
    line="#c9d1d9",
    ink="#16212c",
    quiet="#4d5a67",
    path="#52667a",
    alarm="#b42318",
    badge="#2b4a6f",
    veil=0.55,
)
DARK: Final = Shades(
    ground="#0f161d",
    panel="#18212a",
    card="#202b36",
    line="#3a4754",
    ink="#e8eef4",
    quiet="#aab7c4",
    path="#93a7bb",
    alarm="#ff8a7a",
    badge="#3b618f",
    veil=0.3,
)

NO_HUE: Final = "plain"
"""The class of what is in no zone of the site."""

DATA_HUE: Final = "data"

HUES: Final = {
    Exposure.INTERNET.value: Hue(
        strong="#b42318", tint="#fbe9e6", dark_tint="#361d1c", dark_edge="#d0564a"
    ),
    Exposure.INTERNAL.value: Hue(
        strong="#0f665f", tint="#e4f1ef", dark_tint="#14302e", dark_edge="#2f948b"
    ),
    DATA_HUE: Hue(strong="#1d56a0", tint="#e5eef9", dark_tint="#162a45", dark_edge="#4d86cf"),
    Exposure.EXCHANGE.value: Hue(
        strong="#845700", tint="#f8efdc", dark_tint="#35290f", dark_edge="#b5852a"
    ),
    Exposure.PRIVATE.value: Hue(
        strong="#6a3f9c", tint="#f0e9f8", dark_tint="#2b2140", dark_edge="#9a72cb"
    ),
    Exposure.OPERATIONS.value: Hue(
        strong="#44515f", tint="#e6eaee", dark_tint="#232d37", dark_edge="#75869a"
    ),
    NO_HUE: Hue(strong="#5b6672", tint="#f2f4f6", dark_tint="#1b242d", dark_edge="#5b6b7b"),
}


def hue_of(exposure: Exposure, *, holds_data: bool) -> str:
    """Return the name of a zone's colours; a zone that faces outside shows that first."""
    if holds_data and exposure is Exposure.INTERNAL:
        return DATA_HUE
    return exposure.value


FONTS: Final = (
    "'Noto Sans CJK SC','Source Han Sans SC','Noto Sans SC','PingFang SC','Microsoft YaHei',"
    "'WenQuanYi Micro Hei',sans-serif"
)
MONOSPACE: Final = (
    "'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,'Noto Sans Mono CJK SC',monospace"
)


def style_sheet() -> str:
    """Return the rules of a drawing: light ones, and those that a dark screen overrides."""
    dark = "".join((_shades(DARK), *(_hue(name, hue, dark=True) for name, hue in HUES.items())))
    return "".join(
        (
            _forms(),
            _shades(LIGHT),
            *(_hue(name, hue, dark=False) for name, hue in HUES.items()),
            f"@media screen and (prefers-color-scheme:dark){{{dark}}}",
        )
    )


def _forms() -> str:
    return (
        f"text{{font-family:{FONTS}}}"
        f".mono{{font-family:{MONOSPACE}}}"
        ".bold{font-weight:700}.middle{text-anchor:middle}.end{text-anchor:end}"
        ".on,.on text{fill:#ffffff}"
        ".trunk,.casing,.path{fill:none;stroke-linejoin:round;stroke-linecap:butt}"
        ".declared{stroke-dasharray:7 4}.store{stroke-dasharray:2 4}"
        ".path{visibility:hidden;stroke-width:1.6;pointer-events:none}"
        ".dashed{stroke-dasharray:5 4}"
    )


def _shades(shades: Shades) -> str:
    return (
        f".ground{{fill:{shades.ground}}}.panel{{fill:{shades.panel}}}"
        f".cell{{fill:{shades.card};fill-opacity:{shades.veil:g}}}"
        f".face{{fill:{shades.card};stroke:{shades.line}}}"
        f".hole{{fill:none;stroke:{shades.line}}}"
        f"text{{fill:{shades.ink}}}.quiet{{fill:{shades.quiet}}}"
        f".trunk,.path{{stroke:{shades.path}}}.casing{{stroke:{shades.ground}}}"
        f".tip{{fill:{shades.path}}}.tag{{fill:{shades.ground};stroke:{shades.path}}}"
        f".alarm.trunk,.alarm.path{{stroke:{shades.alarm}}}.alarm.tip{{fill:{shades.alarm}}}"
        f".level1,.level2{{fill:none;stroke:{shades.quiet}}}.level3{{fill:{shades.badge}}}"
        f".level4,.level5{{fill:#8a1c1c}}.on3,.on4,.on5{{fill:#ffffff}}"
        f".alarm.tag{{stroke:{shades.alarm}}}text.alarm{{fill:{shades.alarm}}}"
    )


def _hue(name: str, hue: Hue, *, dark: bool) -> str:
    tint, edge = (hue.dark_tint, hue.dark_edge) if dark else (hue.tint, hue.strong)
    return (
        f".{name} .strong,.strong.{name}{{fill:{hue.strong}}}"
        f".tint.{name}{{fill:{tint};stroke:{edge}}}"
        f".{name} .bar{{fill:{edge}}}"
    )
