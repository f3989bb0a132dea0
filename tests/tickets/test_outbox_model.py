"""The outbox against a model: whatever breaks in whatever order, each result arrives once and in its order."""

import os
import tempfile
import uuid
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.model.codes import Verdict
from linetest.store import outbox as rows
from linetest.store.database import connect, transaction
from linetest.store.outbox import Item, State
from linetest.tickets import outbox, systems
from linetest.tickets.pace import Clock
from linetest.tickets.result import TicketResult

STAGES = ("marked", "answered", "sent", "unsure", "looked-up", "pending", "read-back", "delivered", "kept")
FAULTS = ("drop-request", "drop-reply", "refuse", "refuse-after", "unauthorized")
PATHS = ("/comment", "/attachments")
CONNECTIONS = st.sampled_from([1, 4])


class PowerCut(BaseException):
    """Ends a push where it stands, as a power cut does; the data base keeps what was committed."""


class OutboxMachine(RuleBasedStateMachine):
    """Four tickets, one laptop, a server and a network that fail."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.server = self.stack.enter_context(TicketServer())
        home = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.database = self.stack.enter_context(closing(connect(Path(home))))
        os.environ["MODEL_TOKEN"] = self.server.token
        self.system = systems.connect(
            TicketEntry(system="rt", url=self.server.url, queue="Field", token="env:MODEL_TOKEN")
        )
        self.wanted: dict[str, list[str]] = {self.server.new_ticket(): [] for _number in range(4)}
        self.now = 1_800_000_000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def push(
        self,
        deadline_s: float,
        connections: int,
        cut_at: str | None = None,
        after: int = 0,
        cut: type[BaseException] = PowerCut,
    ) -> None:
        """Push once, and stop at the `after`-th time that the stage comes."""
        seen = 0

        def tell(stage: str, _item: Item) -> None:
            nonlocal seen
            if stage == cut_at:
                seen += 1
                if seen > after:
                    raise cut

        clock = Clock(wall=lambda: self.now, monotonic=lambda: self.now, sleep=self.sleep)
        with suppress(PowerCut):
            outbox.push(
                self.database, self.system, deadline_s=deadline_s, tell=tell, clock=clock, connections=connections
            )

    @rule(ticket=st.sampled_from(["1", "2", "3", "4"]))
    def measure(self, ticket: str) -> None:
        result = TicketResult(
            key=str(uuid.uuid4()),
            ticket=ticket,
            order="WO-1",
            line="1",
            work_type="install",
            access="adsl",
            verdict=Verdict.PASS,
            ticket_verdict=Verdict.PASS,
            rx_power_dbm=None,
            tested_at="2026-11-22T19:00:00+08:00",
            simulated=False,
            comment="x",
            record={"id": "x"},
            final_status=None,
        )
        with transaction(self.database):
            rows.add(self.database, result.item(self.system.destination))
        self.wanted[ticket].append(f"linetest-{result.key}.json")

    @rule(kind=st.sampled_from(FAULTS), path=st.sampled_from(PATHS))
    def break_next(self, kind: str, path: str) -> None:
        self.server.fail(kind, path=path)

    @rule(deadline_s=st.sampled_from([1.5, 10.0, 100.0]), connections=CONNECTIONS)
    def send(self, deadline_s: float, connections: int) -> None:
        self.push(deadline_s, connections)

    @rule(stage=st.sampled_from(STAGES), after=st.integers(0, 2), connections=CONNECTIONS)
    def send_and_lose_power(self, stage: str, after: int, connections: int) -> None:
        self.push(100.0, connections, stage, after)

    @rule(stage=st.sampled_from(STAGES), after=st.integers(0, 2), connections=CONNECTIONS)
    def send_and_stop(self, stage: str, after: int, connections: int) -> None:
        """The person presses Ctrl-C: what is under way is finished, and what was not begun is not sent."""
        with suppress(KeyboardInterrupt):
            self.push(100.0, connections, stage, after, KeyboardInterrupt)

    @rule()
    def send_without_a_network(self) -> None:
        self.server.stop()
        self.push(10.0, 4)
        self.server.start()

    @rule(seconds=st.sampled_from([-7200.0, -1.0, 1.0, 3600.0]))
    def move_the_clock(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def nothing_is_doubled_or_out_of_order(self) -> None:
        for ticket, wanted in self.wanted.items():
            arrived = [file.name for file in self.server.tickets[ticket].attachments]
            assert arrived == wanted[: len(arrived)]
            assert len(self.server.tickets[ticket].comments) == len(arrived)

    def teardown(self) -> None:
        with self.stack:
            for _attempt in range(40):  # each uses up some of the faults that are left
                if rows.items(self.database, which="waiting"):
                    self.push(10**6, 4)
            assert {item.state for item in rows.items(self.database)} <= {State.DELIVERED}
            for ticket, wanted in self.wanted.items():
                assert [file.name for file in self.server.tickets[ticket].attachments] == wanted


OutboxMachine.TestCase.settings = settings(
    max_examples=100 if os.environ.get("LINETEST_FULL") == "1" else 10,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
test_the_outbox_against_its_model = OutboxMachine.TestCase
