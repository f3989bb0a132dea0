"""A whole simulated OLT: one plant, told over SNMP and over the command line."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from linetest.bench.olt_agent import Agent, AgentFault, listening
from linetest.bench.olt_agent_mib import Mib
from linetest.bench.olt_agent_tables import TABLES
from linetest.bench.olt_config import Counted, made_configuration
from linetest.bench.olt_plant import CUSTOMER, Case, Plant, made_plant
from linetest.bench.olt_shell import OltShell
from linetest.bench.olt_shell_bdcom import BdcomShell
from linetest.bench.olt_shell_huawei import HuaweiShell
from linetest.bench.olt_shell_server import reached_by_ssh, reached_by_telnet
from linetest.bench.olt_shell_terminal import ShellFault
from linetest.bench.olt_shell_vsol import VsolShell
from linetest.bench.olt_shell_zte import ZteShell
from linetest.bench.olt_state import ONLINE_AFTER_S, Olt

Door = Callable[[Callable[[], OltShell], str], AbstractContextManager[str]]


@dataclass(frozen=True, kw_only=True)
class OltModel:
    """One kind of OLT of the bench."""

    driver: str
    """The driver that is made for it."""
    technology: Literal["gpon", "epon"]
    tables: str
    """Which of `TABLES` its agent has."""
    shell: type[OltShell]
    door: Door
    """How its makers are mostly reached in the field."""
    port: tuple[int, int, int]
    """Rack, slot and port of its plant."""
    numbers: range = range(1, 129)
    """Which its ONUs can have."""
    counted: Counted = "by-olt"
    """How it counts service ports."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What each ONU of its plant is configured with."""

    def plant(self, case: Case = "good", *, rows: int = 0) -> Plant:
        """Return its port, with `rows` more ONUs than usual."""
        rack, slot, port = self.port
        return made_plant(case, rack=rack, slot=slot, port=port, rows=rows, numbers=self.numbers)

    def switch_on(
        self,
        plant: Plant,
        *,
        online_after_s: float = ONLINE_AFTER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> Olt:
        """Return an OLT of this kind with all ONUs of the plant's port bound."""
        configuration = made_configuration(
            plant.onus,
            kind="sn" if self.technology == "gpon" else "mac",
            settings=self.settings,
            counted=self.counted,
            numbers=self.numbers,
        )
        return Olt(
            plant,
            configuration,
            technology=self.technology,
            has_alarms=bool(self.shell.alarm),
            online_after_s=online_after_s,
            clock=clock,
        )

    @property
    def customer(self) -> str:
        """Return the ONU that the order is about."""
        return "{}/{}/{}:{}".format(*self.port, CUSTOMER)


OLTS: dict[str, OltModel] = {
    model.tables: model
    for model in (
        OltModel(
            driver="huawei_smartax",
            technology="gpon",
            tables="huawei-gpon",
            shell=HuaweiShell,
            numbers=range(128),
            door=reached_by_ssh,
            port=(0, 1, 0),
            settings={"line profile": "10", "service profile": "10"},
        ),
        OltModel(
            driver="zte_c300",
            technology="gpon",
            tables="zte-gpon",
            shell=ZteShell,
            door=reached_by_telnet,
            port=(1, 1, 1),
            counted="by-onu",
            settings={"type": "F660", "tcont 1": "profile P", "gemport 1": "tcont 1"},
        ),
        OltModel(
            driver="bdcom_epon",
            technology="epon",
            tables="bdcom-epon",
            shell=BdcomShell,
            numbers=range(1, 65),
            door=reached_by_telnet,
            port=(0, 0, 1),
            counted="not",
        ),
        OltModel(
            driver="vsol_epon",
            technology="epon",
            tables="vsol-epon",
            shell=VsolShell,
            door=reached_by_telnet,
            port=(0, 0, 1),
            counted="not",
        ),
    )
}
"""The OLTs whose agent and command line both are read by a driver."""

EVERY_OLT: dict[str, OltModel] = OLTS | {
    model.tables: model
    for model in (
        OltModel(
            driver="huawei_smartax",
            technology="epon",
            tables="huawei-epon",
            shell=HuaweiShell,
            numbers=range(128),
            door=reached_by_ssh,
            port=(0, 1, 0),
            settings={"line profile": "500", "service profile": "500"},
        ),
        OltModel(
            driver="zte_c300",
            technology="epon",
            tables="zte-epon",
            shell=ZteShell,
            door=reached_by_telnet,
            port=(1, 2, 1),
            counted="by-onu",
            settings={"type": "ZTE-F400", "admin": "enable", "switchport mode vport 1": "hybrid"},
        ),
        OltModel(
            driver="vsol_gpon",
            technology="gpon",
            tables="vsol-gpon",
            shell=VsolShell,
            door=reached_by_telnet,
            port=(0, 0, 1),
            counted="by-onu",
            settings={"profile": "default", "tcont 1": "dba D", "gemport 1": "tcont 1"},
        ),
    )
}
"""Also those whose screens no driver reads."""


class OltAddresses(NamedTuple):
    """Where a simulated OLT is found, and what it is within."""

    snmp: str
    shell: str
    olt: Olt
    """Its configuration, the lines that it received, and the fault that is to come."""


@contextmanager
def running(
    model: OltModel,
    plant: Plant,
    *,
    community: str,
    password: str,
    agent_fault: AgentFault | None = None,
    shell_fault: ShellFault | None = None,
    online_after_s: float = ONLINE_AFTER_S,
) -> Iterator[OltAddresses]:
    """Switch an OLT on and yield its addresses; it ends with the context."""
    olt = model.switch_on(plant, online_after_s=online_after_s)
    agent = Agent(TABLES[model.tables](plant), community, agent_fault, follow=follower(model, olt))
    with listening(agent) as snmp, model.door(lambda: model.shell(olt, shell_fault), password) as shell:
        yield OltAddresses(snmp, shell, olt)


def follower(model: OltModel, olt: Olt) -> Callable[[Mib], bool]:
    """Return what brings the agent's values up to the OLT's state; it tells whether the OLT answers at all."""
    shown, boots = olt.plant, olt.boots

    def follow(mib: Mib) -> bool:
        nonlocal shown, boots
        if olt.plant is not shown:
            shown = olt.plant
            mib.become(TABLES[model.tables](shown))
        if olt.boots != boots:
            boots = olt.boots
            mib.restart()
        return not olt.is_away()

    return follow
