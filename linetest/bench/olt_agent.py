"""The SNMP agent of a simulated OLT: version 2c over UDP on this computer, with the faults of a field network.

A community that is not its own is met with silence, as OLTs do. One thread waits for questions and for the time of
the next answer, and never turns idly.
"""

import random
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from linetest.bench.olt_agent_ber import (
    END_OF_VIEW,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_SUCH_INSTANCE,
    TOO_BIG,
    Binding,
    Request,
    read_request,
    response,
)
from linetest.bench.olt_agent_mib import Mib

LOSS_SHARE = 0.3
LATE_S = 1.5
REBOOT_AFTER = 3
REBOOT_S = 1.0
_FEW_BINDINGS = 8
_LARGEST_ANSWER = 1472  # what goes into one Ethernet frame beside the headers of IP and UDP
_LARGEST_PACKET = 65_535
_SHUTDOWN_S = 5.0


class AgentFault(StrEnum):
    """What can be wrong between a computer and an OLT's agent; it has at most one fault."""

    LOSS = "loss"
    """The network loses `LOSS_SHARE` of the questions and as many of the answers."""
    LATE = "late"
    """Every answer is `LATE_S` late: the computer has asked something else meanwhile."""
    WRONG_ID = "wrong-id"
    """Answers carry the number of another question."""
    WRONG_QUESTION = "wrong-question"
    """The number is right, and names and values are those of the question before."""
    REVERSED = "reversed"
    """Names and values are right, and what was asked for first comes last."""
    TOO_BIG = "too-big"
    """More than a few values at once are refused with tooBig."""
    SILENT = "silent"
    REBOOT = "reboot"
    """After `REBOOT_AFTER` answers it says nothing for `REBOOT_S` and comes back with its up-time at zero."""


class Agent:
    """An agent over one set of values; `hear` takes a packet and gives the answers with their delays."""

    def __init__(
        self,
        mib: Mib,
        community: str = "public",
        fault: AgentFault | None = None,
        seed: int = 1,
        follow: Callable[[Mib], bool] | None = None,
    ) -> None:
        """Put an agent over values.

        Args:
            mib: the values.
            community: what it must be asked with.
            fault: what is wrong.
            seed: of the losses.
            follow: called before every answer; brings the values up to date and tells whether there is one.
        """
        self.fault = fault
        self._follow = follow
        self._mib = mib
        self._community = community.encode()
        self._random = random.Random(seed)
        self._answered = 0
        self._back_at = 0.0
        self._before: list[Binding] = []

    def hear(self, packet: bytes) -> list[tuple[float, bytes]]:
        """Return the answers to a packet, each with the seconds after which it is sent; none for silence."""
        try:
            request = read_request(packet)
        except ValueError:
            return []
        if request.community != self._community or request.kind not in (GET, GET_NEXT, GET_BULK):
            return []
        if self._follow is not None and not self._follow(self._mib):
            return []
        if self._is_away() or (self.fault is AgentFault.LOSS and self._is_lost()):
            return []
        answer = self._answer(request)
        self._answered += 1
        if self.fault is AgentFault.LOSS and self._is_lost():
            return []
        return [(LATE_S if self.fault is AgentFault.LATE else 0.0, answer)]

    def _is_lost(self) -> bool:
        return self._random.random() < LOSS_SHARE

    def _is_away(self) -> bool:
        """Tell whether it says nothing now; the reboot begins and ends here."""
        if self.fault is AgentFault.REBOOT and self._answered == REBOOT_AFTER:
            self._answered += 1  # it reboots once
            self._mib.restart()
            self._back_at = time.monotonic() + REBOOT_S
        return self.fault is AgentFault.SILENT or time.monotonic() < self._back_at

    def _answer(self, request: Request) -> bytes:
        bindings = self._bindings(request)
        if self.fault is AgentFault.TOO_BIG and len(bindings) > _FEW_BINDINGS:
            return response(request, [], TOO_BIG)
        match self.fault:
            case AgentFault.WRONG_ID:
                request = request._replace(request_id=request.request_id + 1)
            case AgentFault.WRONG_QUESTION:
                bindings, self._before = self._before or bindings, bindings
            case AgentFault.REVERSED:
                bindings = bindings[::-1]
        answer = response(request, bindings)
        while len(answer) > _LARGEST_ANSWER and request.kind == GET_BULK and len(bindings) > 1:
            bindings = bindings[: len(bindings) * _LARGEST_ANSWER // len(answer)]
            answer = response(request, bindings)
        return answer if len(answer) <= _LARGEST_ANSWER else response(request, [], TOO_BIG)

    def _bindings(self, request: Request) -> list[Binding]:
        if request.kind == GET:
            return [self._mib.get(name) for name in request.names]
        if request.kind == GET_NEXT:
            return [self._mib.get_next(name) for name in request.names]
        once = max(0, request.non_repeaters)
        found = [self._mib.get_next(name) for name in request.names[:once]]
        row = list(request.names[once:])
        for _repetition in range(min(max(0, request.max_repetitions), len(self._mib) + 1)):
            following = [self._mib.get_next(name) for name in row]
            found += following
            row = [name for name, _value in following]
            if len(found) * len(NO_SUCH_INSTANCE) > _LARGEST_ANSWER or all(
                value == END_OF_VIEW for _name, value in following
            ):
                break
        return found


@contextmanager
def listening(agent: Agent) -> Iterator[str]:
    """Put the agent on a free port and yield its address, such as ``bench:udp://127.0.0.1:40161``."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        stop, stopped = socket.socketpair()
        thread = threading.Thread(target=_serve, args=(door, agent, stopped), name="bench OLT agent", daemon=True)
        thread.start()
        try:
            yield f"bench:udp://127.0.0.1:{door.getsockname()[1]}"
        finally:
            stop.close()
            thread.join(_SHUTDOWN_S)
            stopped.close()


def _serve(door: socket.socket, agent: Agent, stopped: socket.socket) -> None:
    waiting: list[tuple[float, bytes, tuple[str, int]]] = []
    while True:
        wait_s = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([stopped, door], [], [], wait_s)
        if stopped in ready:
            return
        if door in ready:
            try:
                packet, client = door.recvfrom(_LARGEST_PACKET)
            except ConnectionError:
                continue  # Windows tells here that a client which is gone did not take its last answer
            now = time.monotonic()
            waiting += [(now + delay_s, answer, client) for delay_s, answer in agent.hear(packet)]
        while waiting and waiting[0][0] <= time.monotonic():
            _due, answer, client = waiting.pop(0)
            door.sendto(answer, client)
