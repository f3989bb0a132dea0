"""How fast what waits is sent, against plain httpx sending the very same requests; and how fast a result is kept.

    tests/speed/outbox.py            1,000 results of 20 kB; prints the ratio beside its goal; exit 1 when it is missed
    tests/speed/outbox.py --floor    fewer results and a laxer bound, for a machine that does other work as well

The server is the bench's, in a process of its own: its own time for a request is printed. One drain is recorded; then
drains and replays take turns, each on a new server, and the median of their ratios counts: other work of the machine
slows down both of a pair. A drain asks for each ticket, comments
with the result, looks it up and reads the ticket back, and commits every state to the disk; the replay sends the
recorded bytes with four threads, each ticket's in order, and reads the answers without looking at them.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import httpx
import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.devices.station import TicketEntry
from linetest.model.codes import Verdict
from linetest.model.reading import EvidenceFile, Reading
from linetest.model.record import ProfileUsed, Record
from linetest.store import outbox as rows
from linetest.store.database import connect, transaction
from linetest.store.outbox import State
from linetest.store.records import append, keep_evidence
from linetest.tickets import outbox, systems
from linetest.tickets.result import TicketResult, redact
from linetest.transports.http import HttpTransport
from tests.accuracy.figures import Figure, report
from tests.speed.outbox_server import TOKEN, Served, serving

CONNECTIONS = 4
_PER_TICKET = 4
_RESULT_BYTES = 20_000
_EVIDENCE_BYTES = 1_000_000
_ROUNDS = 3
_GOAL, _FLOOR = 1.3, 1.6


class Request(NamedTuple):
    """One recorded request."""

    method: str
    path: str
    params: dict[str, str] | None
    body: bytes | None


def main() -> int:
    """Print the figures and say whether they are good enough."""
    floor = "--floor" in sys.argv[1:]
    count = 200 if floor else 1000
    os.environ["SPEED_TOKEN"] = TOKEN
    results = made(count)
    with recorded() as requests:
        drained(results)
    pairs = [(drained(results), replayed(requests)) for _round in range(_ROUNDS)]
    ratio = statistics.median(drain[0] / replay[0] for drain, replay in pairs)
    drain_s, replay_s = min(pair[0][0] for pair in pairs), min(pair[1][0] for pair in pairs)
    server_ms = 1e3 * min(served.seconds_per_request for pair in pairs for _seconds, served in pair)
    sent = sum(map(len, requests.values()))
    size = len(results[0].attachment())
    print(f"{count} results of {size / 1e3:.1f} kB on {count // _PER_TICKET} tickets, {sent} requests")
    print(f"drained in {drain_s:.2f} s, {count / drain_s:.0f} results a second; httpx {replay_s:.2f} s")
    print(f"the server's own time for a request: {server_ms:.2f} ms")
    print(f"a record with {_EVIDENCE_BYTES / 1e6:.0f} MB of evidence into the store and the outbox: {kept_ms():.1f} ms")
    figures = [
        Figure("outbox: times plain httpx with the same requests", ratio, _GOAL, _FLOOR, at_most=True),
        Figure("outbox: the server's own ms for a request", server_ms, 1.0, 2.0, at_most=True),
    ]
    return report(figures, floor=floor)


def made(count: int) -> list[TicketResult]:
    """Return results of about 20 kB, some for each ticket."""
    record = record_of(115)
    redacted = redact(record)
    return [
        TicketResult(
            key=str(uuid.uuid4()),
            ticket=str(1 + number // _PER_TICKET),
            order=f"WO-{number // _PER_TICKET}",
            line=f"LINE-{number % _PER_TICKET}",
            work_type="install",
            access="ftth-gpon",
            verdict=Verdict.PASS,
            ticket_verdict=Verdict.PASS,
            rx_power_dbm=-18.3,
            tested_at=record.finished_at,
            simulated=False,
            comment="PASS\n" + "optical.power_dbm  1490 nm  -18.3 dBm\n" * 8,
            record=redacted,
            final_status="resolved" if number % _PER_TICKET == _PER_TICKET - 1 else None,
        )
        for number in range(count)
    ]


def record_of(readings: int) -> Record:
    """Return a record that is about 170 bytes long for each reading."""
    return Record(
        id=str(uuid.uuid4()),
        kind="optical",
        verdict=Verdict.PASS,
        profile=ProfileUsed(name="ftth-light", sha256="0" * 64, text="x"),
        software="linetest",
        started_at="2026-11-22T19:00:00+08:00",
        finished_at="2026-11-22T19:00:09+08:00",
        readings=[
            Reading(metric="optical.power_dbm", value=-18.3 - number / 1e3, unit="dBm", where={"wavelength_nm": 1490})
            for number in range(readings)
        ],
    )


def drained(results: list[TicketResult]) -> tuple[float, Served]:
    """Send all results from a new store to a new server; return the seconds and what the server says."""
    tickets = len({result.ticket for result in results})
    with (
        serving(tickets) as server,
        tempfile.TemporaryDirectory() as home,
        closing(connect(Path(home))) as database,
    ):
        entry = TicketEntry(system="rt", name="speed", url=server.url, queue="Field", token="env:SPEED_TOKEN")
        with transaction(database):
            for result in results:
                rows.add(database, result.item(systems.destination(entry)))
        system = systems.connect(entry)
        begun = time.perf_counter()
        outcomes = outbox.push(database, system, deadline_s=600, connections=CONNECTIONS)
        seconds = time.perf_counter() - begun
        left = [outcome for outcome in outcomes if outcome.state != State.DELIVERED]
        if len(outcomes) != len(results) or left:
            raise SystemExit(f"not delivered: {left[:3]}")
    return seconds, server.stopped()


@contextmanager
def recorded() -> Iterator[dict[str, list[Request]]]:
    """Note every request of the block, by ticket."""
    requests: dict[str, list[Request]] = {}
    lock = threading.Lock()
    send = HttpTransport.request

    def note(self: HttpTransport, method: str, path: str = "", **more: Any) -> Any:
        body = more.get("body")
        one = Request(method, path, more.get("params"), None if body is None else msgspec.json.encode(body))
        ticket = path.split("/")[2] if path.startswith("/ticket/") else ""
        with lock:
            requests.setdefault(ticket, []).append(one)
        return send(self, method, path, **more)

    HttpTransport.request = note  # type: ignore[method-assign]
    try:
        yield requests
    finally:
        HttpTransport.request = send  # type: ignore[method-assign]


def replayed(requests: dict[str, list[Request]]) -> tuple[float, Served]:
    """Send recorded requests to a new server with plain httpx; return the seconds and what the server says."""
    waiting: SimpleQueue[list[Request]] = SimpleQueue()
    for of_ticket in requests.values():
        waiting.put(of_ticket)
    with serving(len(requests)) as server:
        base = f"{server.url}/REST/2.0"
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}

        def work() -> None:
            with httpx.Client(base_url=base, headers=headers, trust_env=False) as client, suppress_empty():
                while True:
                    for one in waiting.get_nowait():
                        answer = client.request(one.method, one.path, params=one.params, content=one.body)
                        if answer.status_code >= 300:
                            raise SystemExit(f"{one.method} {one.path}: {answer.status_code} {answer.text[:200]}")

        threads = [threading.Thread(target=work) for _number in range(CONNECTIONS)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
    return seconds, server.stopped()


@contextmanager
def suppress_empty() -> Iterator[None]:
    """End the block quietly when nothing waits any more."""
    try:
        yield
    except Empty:
        return


def kept_ms() -> float:
    """Return the best time of keeping a record with its evidence and its row of the outbox, in milliseconds."""
    best_s = float("inf")
    with tempfile.TemporaryDirectory() as home, closing(connect(Path(home))) as database:
        for result in made(8):
            record = msgspec.structs.replace(record_of(115), id=result.key)
            body = os.urandom(_EVIDENCE_BYTES)
            begun = time.perf_counter()
            evidence = keep_evidence(Path(home), [EvidenceFile(name="trace", body=body, media_type="x/x")])
            record = msgspec.structs.replace(record, evidence=evidence)
            with transaction(database):
                record = append(database, record)
                rows.add(database, msgspec.structs.replace(result, record=redact(record)).item("speed"))
            best_s = min(best_s, time.perf_counter() - begun)
    return best_s * 1e3


if __name__ == "__main__":
    sys.exit(main())
