"""Chooses the text of a report by its type."""

from functools import singledispatch

from rich.text import Text

from govstack.operations.faults_report import FaultsReport
from govstack.operations.inventory_report import Inventory, InventoryFiles
from govstack.operations.plan_report import (
    FlowMatrix,
    Holdings,
    Needs,
    Topology,
    WrittenReport,
)
from govstack.operations.report import (
    AllocationReport,
    OutputsReport,
    PlanReport,
    RunReport,
    StatusReport,
    ValidationReport,
)
from govstack.operations.report_configure import ConfigureReport
from govstack.operations.report_machine import DoctorReport, SandboxReport
from govstack.operations.report_people import PeopleReport, ShownSecret
from govstack.operations.report_state import (
    BackupMade,
    LockReport,
    RotationReport,
    StateMoved,
    StateReport,
)
from govstack.operations.report_trust import CertificatesReport, RenewalReport, ShownReport
from govstack.operations.report_up import UpReport
from govstack.operations.reports_effect import RebuildReport, WhyReport
from govstack.operations.reports_site import Explanation, InitReport, MoveReport
from govstack.operations.sweep_report import SweepReport
from govstack.operations.verify_report import ProbeList, VerifyChange, VerifyReport
from govstack_cli.render.certificates import certificates_lines, renewal_lines, shown_lines
from govstack_cli.render.configure import configure_lines
from govstack_cli.render.effect import rebuild_lines, why_lines
from govstack_cli.render.environment import outputs_lines, status_lines
from govstack_cli.render.explain import explanation_lines
from govstack_cli.render.faults import faults_lines
from govstack_cli.render.init import init_lines
from govstack_cli.render.inventory import inventory_lines, written_inventory_lines
from govstack_cli.render.look import Look
from govstack_cli.render.machine import doctor_lines, sandbox_lines
from govstack_cli.render.moved import move_lines
from govstack_cli.render.people import people_lines, secret_lines
from govstack_cli.render.plan_views import (
    flow_lines,
    holding_lines,
    need_lines,
    topology_lines,
    written_lines,
)
from govstack_cli.render.run import run_lines
from govstack_cli.render.site import allocation_lines, plan_lines, validation_lines
from govstack_cli.render.state import (
    backup_lines,
    lock_lines,
    moved_lines,
    rotation_lines,
    state_lines,
)
from govstack_cli.render.sweep import sweep_lines
from govstack_cli.render.up import up_lines
from govstack_cli.render.verify import change_lines, probe_lines, verify_lines


@singledispatch
def report_lines(report: object, look: Look) -> list[Text]:
    """Return a report as lines of text.

    Raises:
        TypeError: nobody has said how such a report looks.
    """
    del look
    raise TypeError(f"{type(report).__name__} has no text form")


report_lines.register(AllocationReport, allocation_lines)
report_lines.register(BackupMade, backup_lines)
report_lines.register(PeopleReport, people_lines)
report_lines.register(ShownSecret, secret_lines)
report_lines.register(CertificatesReport, certificates_lines)
report_lines.register(ConfigureReport, configure_lines)
report_lines.register(DoctorReport, doctor_lines)
report_lines.register(Explanation, explanation_lines)
report_lines.register(FaultsReport, faults_lines)
report_lines.register(FlowMatrix, flow_lines)
report_lines.register(Holdings, holding_lines)
report_lines.register(InitReport, init_lines)
report_lines.register(Inventory, inventory_lines)
report_lines.register(InventoryFiles, written_inventory_lines)
report_lines.register(LockReport, lock_lines)
report_lines.register(MoveReport, move_lines)
report_lines.register(Needs, need_lines)
report_lines.register(OutputsReport, outputs_lines)
report_lines.register(PlanReport, plan_lines)
report_lines.register(ProbeList, probe_lines)
report_lines.register(RebuildReport, rebuild_lines)
report_lines.register(RenewalReport, renewal_lines)
report_lines.register(RotationReport, rotation_lines)
report_lines.register(RunReport, run_lines)
report_lines.register(SandboxReport, sandbox_lines)
report_lines.register(ShownReport, shown_lines)
report_lines.register(StateMoved, moved_lines)
report_lines.register(StateReport, state_lines)
report_lines.register(StatusReport, status_lines)
report_lines.register(SweepReport, sweep_lines)
report_lines.register(Topology, topology_lines)
report_lines.register(UpReport, up_lines)
report_lines.register(ValidationReport, validation_lines)
report_lines.register(VerifyChange, change_lines)
report_lines.register(VerifyReport, verify_lines)
report_lines.register(WhyReport, why_lines)
report_lines.register(WrittenReport, written_lines)
