"""Verifies again and again, and tells what has changed since the time before."""

import time
from collections.abc import Iterator

from govstack.errors import GovstackError
from govstack.operations.target import Target
from govstack.operations.trusting import moment
from govstack.operations.verify import verify
from govstack.operations.verify_report import FOUND_EXIT, Finding, VerifyChange, VerifyReport
from govstack.operations.verify_wish import VerifyWish
from govstack.values.observer import Silent
from govstack.values.result import Result


def changes(
    target: Target,
    wish: VerifyWish,
    first: VerifyReport,
    *,
    every: float,
) -> Iterator[Result[VerifyChange]]:
    """Yield what changes, for ever.

    Args:
        target: the site and environment.
        wish: what is to be verified.
        first: what was found before.
        every: seconds between the end of one verification and the begin of the next.
    """
    known, trouble = first.findings, ""
    while True:
        time.sleep(every)
        try:
            found = verify(target, Silent(), wish).data.findings
        except GovstackError as error:
            # A city that is just being changed cannot be verified; the next time it can.
            if str(error) != trouble:
                trouble = str(error)
                yield _change(known, known, trouble)
            continue
        change = _change(known, found, "")
        if trouble or change.data.appeared or change.data.mended:
            yield change
        known, trouble = found, ""


def _change(
    before: tuple[Finding, ...], now: tuple[Finding, ...], trouble: str
) -> Result[VerifyChange]:
    """Compare by what was tried: what is seen may differ in words each time."""
    keys = {_key(one) for one in before}
    present = {_key(one) for one in now}
    data = VerifyChange(
        when=moment().isoformat(timespec="seconds"),
        appeared=tuple(one for one in now if _key(one) not in keys),
        mended=tuple(one for one in before if _key(one) not in present),
        left=len(now),
        trouble=trouble,
    )
    return Result(data=data, exit_code=FOUND_EXIT if now else 0)


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.probe, finding.host, finding.subject
