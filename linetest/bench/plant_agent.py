"""Many OLTs' agents in one process: every cell is encoded beforehand, so that the agents are never what is slow.

Version 2c over UDP on this computer, as `olt_agent`, without its faults. Each agent counts how many questions lie with
it unanswered at a time: what a program that asks many OLTs has promised each of them.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any

from linetest.bench.olt_agent_ber import (
    END_OF_VIEW,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_SUCH_INSTANCE,
    RESPONSE,
    SEQUENCE,
    Oid,
    Request,
    integer,
    object_id,
    octets,
    read_request,
    tlv,
)

_MOST_REPETITIONS = 100
_VERSION_2C = 1
_SHUTDOWN_S = 5.0

Values = Mapping[Oid, bytes]
"""By name, each value as it stands in a message."""


class CellTable:
    """The cells of one OLT at one moment, in order and encoded."""

    def __init__(self, values: Values) -> None:
        self._names = sorted(values)
        self._cells = [tlv(SEQUENCE, object_id(name) + values[name]) for name in self._names]

    def __len__(self) -> int:
        return len(self._names)

    def answer(self, request: Request) -> bytes:
        """Return the whole answer to a question (RFC 3416, 4.2)."""
        if request.kind == GET_BULK:
            many = max(0, min(request.max_repetitions, _MOST_REPETITIONS))
            cells = [cell for name in request.names for cell in self._following(name, many)]
        elif request.kind == GET_NEXT:
            cells = [cell for name in request.names for cell in self._following(name, 1)]
        else:
            cells = [self._exactly(name) for name in request.names]
        pdu = integer(request.request_id) + integer(0) + integer(0) + tlv(SEQUENCE, b"".join(cells))
        return tlv(SEQUENCE, integer(_VERSION_2C) + octets(request.community) + tlv(RESPONSE, pdu))

    def _following(self, name: Oid, many: int) -> list[bytes]:
        at = bisect_right(self._names, name)
        cells = self._cells[at : at + many]
        if len(cells) < many:
            last = self._names[-1] if self._names else name
            cells.append(tlv(SEQUENCE, object_id(max(last, name)) + END_OF_VIEW))
        return cells

    def _exactly(self, name: Oid) -> bytes:
        at = bisect_left(self._names, name)
        if at < len(self._names) and self._names[at] == name:
            return self._cells[at]
        return tlv(SEQUENCE, object_id(name) + NO_SUCH_INSTANCE)


Cells = Callable[[], CellTable | None]
"""Returns what an OLT tells now; None from one that says nothing."""


class PlantAgent(asyncio.DatagramProtocol):
    """One OLT's agent."""

    def __init__(self, cells: Cells, community: str, delay_s: float) -> None:
        self.asked = 0
        """Questions that it has heard."""
        self.most_in_flight = 0
        """The most different questions that lay with it unanswered at a time; one that is sent again is the same."""
        self._cells = cells
        self._community = community.encode()
        self._delay_s = delay_s
        self._waiting: Counter[tuple[Oid, ...]] = Counter()
        self._wire: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        """Keep the wire."""
        self._wire = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Answer a question after the agent's delay."""
        try:
            request = read_request(data)
        except ValueError:
            return
        if request.community != self._community or request.kind not in (GET, GET_NEXT, GET_BULK):
            return
        self.asked += 1
        self._waiting[request.names] += 1
        self.most_in_flight = max(self.most_in_flight, len(self._waiting))
        if self._delay_s:
            asyncio.get_running_loop().call_later(self._delay_s, self._reply, request, addr)
        else:
            self._reply(request, addr)

    def _reply(self, request: Request, addr: Any) -> None:
        self._waiting[request.names] -= 1
        if not self._waiting[request.names]:
            del self._waiting[request.names]
        table = self._cells()
        if table is not None and self._wire is not None:
            self._wire.sendto(table.answer(request), addr)


@contextmanager
def listening(
    olts: Sequence[Cells], community: str = "public", delay_s: float = 0.0
) -> Iterator[list[tuple[str, PlantAgent]]]:
    """Put an agent for each OLT on a free port; yield addresses such as ``bench:udp://127.0.0.1:40161`` and agents."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="bench plant", daemon=True)
    thread.start()

    async def start() -> list[tuple[str, PlantAgent]]:
        started = []
        for cells in olts:
            agent = PlantAgent(cells, community, delay_s)
            wire, _agent = await loop.create_datagram_endpoint(lambda one=agent: one, local_addr=("127.0.0.1", 0))  # type: ignore[misc]
            started.append((f"bench:udp://127.0.0.1:{wire.get_extra_info('sockname')[1]}", agent))
            wires.append(wire)
        return started

    async def end() -> None:
        for wire in wires:
            wire.close()
        await asyncio.sleep(0)

    wires: list[asyncio.DatagramTransport] = []
    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(_SHUTDOWN_S)
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(_SHUTDOWN_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_SHUTDOWN_S)
        loop.close()
