"""SNMP from the outside: a session that answers `get` and `walk` or raises with a reason.

Protocol: RFC 3416 (operations). The engine behind it is imported when a session is opened, not before.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.transports.snmp_target import SnmpTarget, lacking
from linetest.transports.snmp_walk import SnmpValue, walk_subtree
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.transports.snmp_engine import Engine
    from linetest.transports.snmp_fast import FastWalk

_IN_ONE_GET = 24  # objects: their names and values fit into one Ethernet frame
_UPTIME = "1.3.6.1.2.1.1.3.0"  # SNMPv2-MIB::sysUpTime.0, hundredths of a second, 32 bits
_NEARLY_FULL = 2**32 - 100 * 3600  # an uptime this near to its end may begin again without a restart


class SnmpSession:
    """An agent that answers; `deadline_s` is the total time of one `get` or one `walk`, with all its retries.

    One question is on its way at a time; only where no answer comes in time is it sent again.
    """

    def __init__(
        self, target: SnmpTarget, deadline_s: float, fast: "FastWalk | None" = None, ends_at: float = inf
    ) -> None:
        self.simulated = target.simulated
        self._target = target
        self._place = target.place
        self._deadline_s = deadline_s
        self._ends_at = ends_at
        self._fast = fast
        self._opened: Engine | None = None
        self._uptime: int | None = None

    @property
    def _engine(self) -> "Engine":
        """pysnmp's, made when it is needed: making it takes longer than many a walk."""
        if self._opened is None:
            from linetest.transports.snmp_engine import Engine

            self._opened = Engine(self._target, self._deadline_s)
        return self._opened

    def connect(self) -> None:
        """Make ready what asks everything that the fast engine does not; nothing is sent."""
        self._engine  # noqa: B018

    def close(self) -> None:
        """Let go of what is open."""
        if self._opened is not None:
            self._opened.close()

    def get(self, oids: Iterable[str]) -> dict[str, SnmpValue]:
        """Return the values of `oids`; an object that the agent does not have is not among them.

        Raises:
            Unreachable, Timeout: Nothing answers; `reason` offline or timeout.
            CommandRefused: The agent says no: wrong user or key, no right, or it cannot read the object.
            BadReply: The answer is about other objects than the ones asked for.
        """
        end = min(monotonic() + self._deadline_s, self._ends_at)
        wanted = list(dict.fromkeys(oids))
        found: dict[str, SnmpValue] = {}
        for start in range(0, len(wanted), _IN_ONE_GET):
            found |= self._engine.get(wanted[start : start + _IN_ONE_GET], end)
        return found

    def walk(self, root: str) -> list[tuple[str, SnmpValue]]:
        """Return all objects under `root` in the agent's order; empty when there are none.

        The walk is whole or it raises: a part of a table would make the missing rows look absent.

        Raises:
            Unreachable, Timeout, CommandRefused: As `get`.
            BadReply: The agent's objects do not increase, or are without end.
            DeviceError: The agent restarted meanwhile (reason interrupted): its row numbers may mean others now.
        """
        end = min(monotonic() + self._deadline_s, self._ends_at)
        if self._uptime is None:
            self._note_uptime(end)
        rows = self._rows(root, end)
        self._note_uptime(end)
        return rows

    def _rows(self, root: str, end: float) -> list[tuple[str, SnmpValue]]:
        """Walk with the fast engine where there is one; where that leaves a doubt, the other one goes on."""
        rows: list[tuple[str, SnmpValue]] = []
        if self._fast is not None:
            rows, whole = self._fast.walk(root, end)
            if whole:
                return rows
        return walk_subtree(root, lambda oid, many: self._engine.bulk(oid, many, end), self._place, rows)

    def _note_uptime(self, end: float) -> None:
        """Raise when the agent has restarted since the last look; one that does not say its uptime is trusted."""
        now = self._uptime_now(end)
        before, self._uptime = self._uptime, now if isinstance(now, int) else None
        if before is not None and isinstance(now, int) and now < before < _NEARLY_FULL:
            raise DeviceError(
                _("{place}: the device restarted while it was read").format(place=self._place),
                _("wait until all ONUs are registered again, then read again"),
                reason=Reason.INTERRUPTED,
            )

    def _uptime_now(self, end: float) -> SnmpValue | None:
        if self._fast is not None:
            with suppress(ConnectionError):
                return self._fast.number(_UPTIME, end)
        return self._engine.get([_UPTIME], end).get(_UPTIME)


@contextmanager
def open_snmp(
    target: SnmpTarget, *, deadline_s: float, ends_at: float = inf, fast: bool = True
) -> Iterator[SnmpSession]:
    """Give a session with the agent of `target`; nothing is sent before the first question.

    Args:
        target: Who is asked.
        deadline_s: The total time of one `get` or `walk`.
        ends_at: When all of it has to end, on `time.monotonic`.
        fast: Walk with gufo-snmp where it is installed; else everything is done by pysnmp.

    Raises:
        UsageError: `target` lacks what its version needs.
        Unreachable: The host's name is unknown, or there is no way to it.
    """
    from linetest.transports.snmp_fast import FastWalk, is_fast

    missing = (
        {"community": target.community} if target.version == "2c" else {"user": target.user, "auth": target.auth_key}
    )
    for name, value in missing.items():
        if not value:
            raise lacking(name, target.place)
    is_walked_fast = fast and is_fast(target)
    session = SnmpSession(target, deadline_s, FastWalk(target) if is_walked_fast else None, ends_at)
    try:
        if not is_walked_fast:
            session.connect()
        yield session
    finally:
        session.close()
