"""Spare nova one request per server of a host at every claim.

The resource tracker fetches all allocations of the host, under a process-wide lock, for the one
case that the driver asks to move them between providers.  The sandbox's driver never does.
"""

from govstack_sandbox.patches.versions import require

EXPECTED = {"nova": "34.0.0"}


def apply() -> None:
    """Patch the client that nova asks placement with."""
    require(EXPECTED)
    from nova.scheduler.client import report

    report.SchedulerReportClient.get_allocations_for_provider_tree = _none


def _none(_client, _context, _node):
    return {}
