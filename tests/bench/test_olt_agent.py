"""The simulated agent: its answers and its faults, asked in plain packets and by net-snmp."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linetest.bench import olt_agent
from linetest.bench.olt import EVERY_OLT, follower
from linetest.bench.olt_agent import Agent, AgentFault, listening
from linetest.bench.olt_agent_ber import (
    END_OF_VIEW,
    GET,
    GET_BULK,
    GET_NEXT,
    INTEGER,
    NO_SUCH_INSTANCE,
    NO_SUCH_OBJECT,
    OCTETS,
    SEQUENCE,
    TIMETICKS,
    Oid,
    integer,
    object_id,
    octets,
    parse_oid,
    read_request,
    tlv,
)
from linetest.bench.olt_agent_mib import UPTIME, Mib, load_recording
from linetest.bench.olt_agent_tables import TABLES
from linetest.errors import BadFile

TABLE = parse_oid("1.3.6.1.4.1.32473.1")
ROWS = {(*TABLE, column, row): integer(column * 1000 + row) for column in (1, 2) for row in (1, 2, 10)}
VALUES = {parse_oid("1.3.6.1.2.1.1.1.0"): octets("a box"), UPTIME: integer(500, TIMETICKS), **ROWS}
NULL = b"\x05\x00"


def question(kind: int, names: list[Oid], *, number: int = 7, second: int = 0, third: int = 0) -> bytes:
    """Return a question of the community "public"."""
    listed = b"".join(tlv(SEQUENCE, object_id(name) + NULL) for name in names)
    pdu = integer(number) + integer(second) + integer(third) + tlv(SEQUENCE, listed)
    return tlv(SEQUENCE, integer(1) + octets("public") + tlv(kind, pdu))


def names_in(answer: bytes) -> tuple[Oid, ...]:
    return read_request(answer).names


def ask(agent: Agent, kind: int, names: list[Oid], **rest: int) -> bytes:
    ((_delay_s, answer),) = agent.hear(question(kind, names, **rest))
    return answer


def test_get_tells_values_and_which_kind_of_nothing() -> None:
    row, column = (*TABLE, 1, 99), (*TABLE, 9, 1)
    answer = ask(Agent(Mib(VALUES)), GET, [(*TABLE, 1, 2), row, column])
    assert names_in(answer) == ((*TABLE, 1, 2), row, column)
    values = [object_id((*TABLE, 1, 2)) + integer(1002), object_id(row) + NO_SUCH_INSTANCE]
    assert all(value in answer for value in [*values, object_id(column) + NO_SUCH_OBJECT])


def test_get_next_counts_as_numbers_and_ends() -> None:
    agent = Agent(Mib(VALUES))
    assert names_in(ask(agent, GET_NEXT, [(*TABLE, 1, 2)])) == ((*TABLE, 1, 10),)
    last = (*TABLE, 2, 10)
    assert object_id(last) + END_OF_VIEW in ask(agent, GET_NEXT, [last])


def test_get_bulk_goes_row_by_row() -> None:
    agent = Agent(Mib(VALUES))
    names = [UPTIME[:-1], (*TABLE, 1), (*TABLE, 2)]
    answer = ask(agent, GET_BULK, names, second=1, third=2)
    assert names_in(answer) == (UPTIME, (*TABLE, 1, 1), (*TABLE, 2, 1), (*TABLE, 1, 2), (*TABLE, 2, 2))


def test_a_bulk_answer_fits_into_a_frame() -> None:
    many = Mib({(*TABLE, 1, row): octets("x" * 40) for row in range(1, 500)})
    answer = ask(Agent(many), GET_BULK, [TABLE], third=10_000)
    assert 1_300 < len(answer) <= 1_472
    assert names_in(answer)[0] == (*TABLE, 1, 1)
    assert len(names_in(answer)) == len(set(names_in(answer)))


def test_the_up_time_moves_by_itself() -> None:
    mib = Mib(VALUES)
    first = mib.get(UPTIME)[1]
    time.sleep(0.02)
    assert int.from_bytes(mib.get(UPTIME)[1][2:], "big") > int.from_bytes(first[2:], "big") >= 500


@pytest.mark.parametrize(
    "packet",
    [
        question(GET, [UPTIME]).replace(b"public", b"secret"),
        question(0xA3, [UPTIME]),
        question(GET, [UPTIME])[:-1],
        b"",
    ],
)
def test_what_is_met_with_silence(packet: bytes) -> None:
    assert Agent(Mib(VALUES)).hear(packet) == []


def test_wrong_numbers() -> None:
    assert read_request(ask(Agent(Mib(VALUES), fault=AgentFault.WRONG_ID), GET, [UPTIME])).request_id == 8


def test_the_answer_to_the_question_before() -> None:
    agent = Agent(Mib(VALUES), fault=AgentFault.WRONG_QUESTION)
    first, second = (*TABLE, 1, 1), (*TABLE, 1, 2)
    assert names_in(ask(agent, GET, [first], number=7)) == (first,)
    answer = ask(agent, GET, [second], number=8)
    assert (read_request(answer).request_id, names_in(answer)) == (8, (first,))


def test_reversed_rows_keep_their_values() -> None:
    first, second = (*TABLE, 1, 1), (*TABLE, 1, 2)
    answer = ask(Agent(Mib(VALUES), fault=AgentFault.REVERSED), GET, [first, second])
    assert names_in(answer) == (second, first)
    assert object_id(first) + integer(1001) in answer


def test_too_big_leaves_small_questions_alone() -> None:
    agent = Agent(Mib(VALUES), fault=AgentFault.TOO_BIG)
    refused = read_request(ask(agent, GET_BULK, [(*TABLE, 1), (*TABLE, 2)], third=20))
    assert (refused.non_repeaters, refused.names) == (1, ())  # the status is tooBig
    assert len(names_in(ask(agent, GET_BULK, [TABLE], third=4))) == 4


def test_the_network_loses_a_share_of_the_packets() -> None:
    agent = Agent(Mib(VALUES), fault=AgentFault.LOSS)
    arrived = sum(len(agent.hear(question(GET, [UPTIME]))) for _count in range(400))
    assert arrived == pytest.approx(400 * (1 - olt_agent.LOSS_SHARE) ** 2, rel=0.15)


@contextmanager
def client(agent: Agent) -> Iterator[socket.socket]:
    """Yield a socket that is connected to the listening agent."""
    with listening(agent) as address, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        host, _colon, port = address.removeprefix("bench:udp://").rpartition(":")
        ours.connect((host, int(port)))
        ours.settimeout(2.0)
        yield ours


def test_a_late_answer_comes_after_the_next_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(olt_agent, "LATE_S", 0.15)
    with client(Agent(Mib(VALUES), fault=AgentFault.LATE)) as ours:
        started = time.monotonic()
        ours.send(question(GET, [UPTIME], number=1))
        ours.send(question(GET, [TABLE], number=2))
        assert [read_request(ours.recv(2000)).request_id for _count in range(2)] == [1, 2]
        assert time.monotonic() - started >= 0.15


def test_a_reboot_in_mid_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(olt_agent, "REBOOT_S", 0.1)
    with client(Agent(Mib(VALUES), fault=AgentFault.REBOOT)) as ours:
        ours.settimeout(0.05)
        for _count in range(olt_agent.REBOOT_AFTER):
            ours.send(question(GET, [UPTIME]))
            ours.recv(2000)
        ours.send(question(GET, [UPTIME]))
        with pytest.raises(TimeoutError):
            ours.recv(2000)
        time.sleep(0.08)
        ours.send(question(GET, [UPTIME]))
        answer = ours.recv(2000)
    assert ticks_of(answer) < 100, "it counts from the reboot"


def ticks_of(answer: bytes) -> int:
    return int.from_bytes(answer[answer.rindex(object_id(UPTIME)) + len(object_id(UPTIME)) + 2 :], "big")


def test_the_agent_of_an_olt_that_reboots_says_nothing_and_counts_anew() -> None:
    model, now = EVERY_OLT["bdcom-epon"], [0.0]
    olt = model.switch_on(model.plant(), online_after_s=60.0, clock=lambda: now[0])
    agent = Agent(TABLES[model.tables](olt.plant), follow=follower(model, olt))
    light = parse_oid("1.3.6.1.4.1.3320.101.10.5.1.5.1105")
    assert ticks_of(ask(agent, GET, [UPTIME])) >= 8_640_000
    assert object_id(light) + integer(-184) in ask(agent, GET, [light])
    olt.reboot()
    assert agent.hear(question(GET, [UPTIME])) == []
    now[0] += 60.0
    assert ticks_of(ask(agent, GET, [UPTIME])) < 100_000
    assert ask(agent, GET, [light]).endswith((NO_SUCH_INSTANCE, NO_SUCH_OBJECT)), "no ONU is up yet"
    now[0] += 60.0
    assert object_id(light) + integer(-184) in ask(agent, GET, [light])
    assert ticks_of(ask(agent, GET, [UPTIME])) < 100_000, "what an ONU changes is no reboot"


def test_a_silent_agent_takes_no_time_to_end() -> None:
    started = time.monotonic()
    with client(Agent(Mib(VALUES), fault=AgentFault.SILENT)) as ours:
        ours.send(question(GET, [UPTIME]))
    assert time.monotonic() - started < 1.0


def test_a_recording_of_every_type(tmp_path: Path) -> None:
    file = tmp_path / "made.snmprec"
    file.write_text(
        "1.3.6.1.2.1.1.2.0|6|.1.3.6.1.4.1.17409\n1.3.6.1.2.1.1.1.0|4|a|b\n1.3.6.1.2.1.1.1.0|4|twice\n"
        "1.3.6.1.9.1|4x|00ff\n1.3.6.1.9.2|4e|\\x00\\\\n\n1.3.6.1.9.3|64|10.0.0.1\n1.3.6.1.9.4|2|-40000\n\n",
        encoding="utf-8",
    )
    mib = load_recording(file)
    told = [mib.get(parse_oid(name))[1] for name in ("1.3.6.1.2.1.1.1.0", "1.3.6.1.9.1", "1.3.6.1.9.2", "1.3.6.1.9.3")]
    assert told == [tlv(OCTETS, b"a|b"), tlv(OCTETS, b"\0\xff"), tlv(OCTETS, b"\0\\n"), tlv(0x40, b"\x0a\0\0\x01")]
    assert mib.get(parse_oid("1.3.6.1.9.4"))[1] == tlv(INTEGER, (-40000).to_bytes(3, "big", signed=True))
    assert mib.get_next((1, 3))[0] == parse_oid("1.3.6.1.2.1.1.1.0")


@pytest.mark.parametrize("line", ["1.3.6|2|ten", "1.3.6|2:numeric|1", "1.3.6", "1.3.6|99|x", "x.y|2|1"])
def test_a_line_that_is_none_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "made.snmprec"
    file.write_text(f"1.3.6.1|2|1\n{line}\n", encoding="utf-8")
    with pytest.raises(BadFile, match=r"made\.snmprec:2"):
        load_recording(file)


@pytest.mark.peer
@pytest.mark.parametrize(("walk", "which"), [("snmpwalk", "c*"), ("snmpbulkwalk", "*")])
def test_net_snmp_walks_every_shared_recording(
    walk: str, which: str, shared_data: Callable[[str], Path], need: Callable[[bool, str], None]
) -> None:
    need(shutil.which(walk) is not None, f"net-snmp's {walk} is not installed")
    for file in sorted(shared_data("olt-snmp").glob(f"{which}.snmprec")):
        mib = load_recording(file)
        lines = {line.partition("|")[0] for line in file.read_text("utf-8", "replace").splitlines() if line.strip()}
        assert len(mib) == len(lines)
        with listening(Agent(mib, "field")) as address:
            place = address.removeprefix("bench:udp://")
            done = subprocess.run(
                [walk, "-v2c", "-c", "field", "-On", "-t1", "-r1", place, ".1"],
                capture_output=True,
                check=True,
                timeout=60,
            )
        rows = [
            line for line in done.stdout.splitlines() if line.startswith(b".1.") and b"No more variables" not in line
        ]
        assert len(rows) == len(mib), file.name


@pytest.mark.peer
def test_net_snmp_reads_through_losses(need: Callable[[bool, str], None]) -> None:
    need(shutil.which("snmpget") is not None, "net-snmp's snmpget is not installed")
    with listening(Agent(Mib(VALUES), fault=AgentFault.LOSS)) as address:
        place = address.removeprefix("bench:udp://")
        command = ["snmpget", "-v2c", "-c", "public", "-Oqvn", "-t0.1", "-r20", place, "1.3.6.1.4.1.32473.1.2.10"]
        for _count in range(5):
            done = subprocess.run(command, capture_output=True, check=True, timeout=20, text=True)
            assert done.stdout.strip() == "2010"
