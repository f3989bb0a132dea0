"""A whole simulated OLT: one plant, told over SNMP and over the command line."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal, NamedTuple

from linetest.bench.olt_agent import Agent, AgentFault, listening
from linetest.bench.olt_agent_tables import TABLES
from linetest.bench.olt_plant import CUSTOMER, Case, Plant, made_plant
from linetest.bench.olt_shell import OltShell
from linetest.bench.olt_shell_bdcom import BdcomShell
from linetest.bench.olt_shell_huawei import HuaweiShell
from linetest.bench.olt_shell_server import reached_by_ssh, reached_by_telnet
from linetest.bench.olt_shell_terminal import ShellFault
from linetest.bench.olt_shell_vsol import VsolShell
from linetest.bench.olt_shell_zte import ZteShell

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

    def plant(self, case: Case = "good", *, rows: int = 0) -> Plant:
        """Return its port, with `rows` more ONUs than usual."""
        rack, slot, port = self.port
        return made_plant(case, rack=rack, slot=slot, port=port, rows=rows)

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
            door=reached_by_ssh,
            port=(0, 1, 0),
        ),
        OltModel(
            driver="zte_c300",
            technology="gpon",
            tables="zte-gpon",
            shell=ZteShell,
            door=reached_by_telnet,
            port=(1, 1, 1),
        ),
        OltModel(
            driver="bdcom_epon",
            technology="epon",
            tables="bdcom-epon",
            shell=BdcomShell,
            door=reached_by_telnet,
            port=(0, 0, 1),
        ),
        OltModel(
            driver="vsol_epon",
            technology="epon",
            tables="vsol-epon",
            shell=VsolShell,
            door=reached_by_telnet,
            port=(0, 0, 1),
        ),
    )
}
"""The OLTs that have both an agent and a command line."""


class OltAddresses(NamedTuple):
    """Where a simulated OLT is found."""

    snmp: str
    shell: str


@contextmanager
def running(
    model: OltModel,
    plant: Plant,
    *,
    community: str,
    password: str,
    agent_fault: AgentFault | None = None,
    shell_fault: ShellFault | None = None,
) -> Iterator[OltAddresses]:
    """Switch an OLT on and yield its addresses; it ends with the context."""
    agent = Agent(TABLES[model.tables](plant), community, agent_fault)
    with listening(agent) as snmp, model.door(lambda: model.shell(plant, shell_fault), password) as shell:
        yield OltAddresses(snmp, shell)
