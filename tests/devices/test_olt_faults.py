"""An OLT of the bench with faults: a reading ends in time, in true values or in a reason, never in somebody else's."""

import time
from contextlib import ExitStack, suppress

import pytest

from linetest import catalog
from linetest.bench.olt import OLTS, running
from linetest.bench.olt_agent import AgentFault
from linetest.bench.olt_shell_terminal import ShellFault
from linetest.devices.driver_file import load_driver
from linetest.devices.olt import OnuTable, read_onus
from linetest.devices.olt_shell import read_onus_by_shell
from linetest.errors import DeviceError
from linetest.model.onu_id import OnuId
from linetest.secrets import Secret
from linetest.transports.shell import open_shell
from linetest.transports.shell_target import shell_at
from linetest.transports.snmp import open_snmp
from linetest.transports.snmp_target import target_at

pytestmark = pytest.mark.slow

MODEL = OLTS["huawei-gpon"]
PORT = OnuId(*MODEL.port)
DRIVER = load_driver(MODEL.driver)
DEADLINE_S = 1.5


def check_true(table: OnuTable, rows: int = 0) -> None:
    plant = MODEL.plant("good", rows=rows)
    for row in table.onus:
        true = plant.find(int(row.state.onu.rpartition(":")[2]))
        assert true is not None
        if row.state.serial is not None:
            assert row.state.serial == true.serial
        if row.state.onu_rx_dbm is not None:
            assert true.is_up
            assert row.state.onu_rx_dbm == pytest.approx(plant.rx_dbm(true), abs=0.06)
        else:
            assert row.state.reasons["onu_rx_dbm"]


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        *((fault, PORT._replace(onu=5)) for fault in AgentFault),
        *((fault, PORT) for fault in (AgentFault.LOSS, AgentFault.TOO_BIG, AgentFault.REBOOT, AgentFault.REVERSED)),
    ],
)
def test_snmp_with_a_fault(fault: AgentFault, wanted: OnuId) -> None:
    assert DRIVER.olt is not None
    start = time.monotonic()
    with (
        running(MODEL, MODEL.plant(), community="bench-1", password="x", agent_fault=fault) as at,
        open_snmp(
            target_at(at.snmp.removeprefix("bench:"), {"community": Secret("bench-1")}), deadline_s=DEADLINE_S
        ) as session,
    ):
        try:
            table = read_onus(DRIVER.olt, session, wanted)
        except DeviceError as error:
            ended = str(error.reason)
        else:
            ended = "read" if table.onus else "nothing"
            check_true(table)
    assert ended in ("read", "timeout", "garbled", "interrupted", "refused")
    assert time.monotonic() - start < 8 * DEADLINE_S


@pytest.mark.parametrize(
    ("fault", "rows", "is_read"),
    [
        (None, 700, True),  # the pager stops after 512 lines, long commands wrap, and some ONUs are dark
        (ShellFault.ALARM, 700, True),
        (ShellFault.CUT, 20, False),
        (ShellFault.NO_RIGHTS, 0, False),
    ],
)
def test_shell_with_a_fault_and_many_rows(fault: ShellFault | None, rows: int, is_read: bool) -> None:
    assert DRIVER.olt is not None
    assert DRIVER.shell is not None
    plant = MODEL.plant("good", rows=rows)
    table = None
    with ExitStack() as stack, suppress(DeviceError):
        at = stack.enter_context(running(MODEL, plant, community="bench-1", password="bench-2", shell_fault=fault))
        target = shell_at(at.shell, {"password": Secret("bench-2")})
        session = stack.enter_context(open_shell(target, DRIVER.shell, deadline_s=20.0))
        folder = catalog.driver_folder(DRIVER.name)
        table = read_onus_by_shell(DRIVER.olt, folder, session, PORT, lambda _sent, _text: None)
    assert (table is not None) is is_read
    if table is not None:
        assert table.unread == []
        assert len(table.onus) == len(plant.onus)
        check_true(table, rows)
        lit = [row for row in table.onus if row.state.onu_rx_dbm is not None]
        assert len(lit) == sum(onu.is_up for onu in plant.onus)
