"""The SNMP session against an agent of the test's own, which loses, delays, mixes up and spoils what it answers."""

import random
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from time import monotonic

import pytest
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v2c

from linetest.errors import BadReply, CommandRefused, DeviceError, Timeout, Unreachable, UsageError
from linetest.secrets import Secret
from linetest.transports import snmp_engine, snmp_fast
from linetest.transports.snmp import SnmpSession, open_snmp
from linetest.transports.snmp_target import SnmpTarget, target_at

Value = int | bytes | str
Send = Callable[[bytes], None]
Spoil = Callable[["Agent", bytes, bytes, Send], None]
"""Gets the agent, the request, the right answer and what sends; an agent without one sends the right answer."""


@cache
def key(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


class Agent:
    """The state of the agent; a test may change it while it runs."""

    def __init__(self, values: dict[str, Value], spoil: Spoil | None) -> None:
        self.values = values
        self.spoil = spoil
        self.requests = 0
        self.most = 1000  # objects in one answer; more is tooBig
        self.port = 0

    def answer(self, request: bytes) -> bytes:
        """Return the right answer."""
        message, _rest = decoder.decode(request, asn1Spec=v2c.Message())
        asked = v2c.apiMessage.get_pdu(message)
        reply = v2c.apiPDU.get_response(asked)
        oids = [str(name) for name, _value in v2c.apiPDU.get_varbinds(asked)]
        objects: list[tuple[str, object]]
        if asked.isSameTypeWith(v2c.GetBulkRequestPDU()):
            many = int(v2c.apiBulkPDU.get_max_repetitions(asked))
            after = sorted((oid for oid in self.values if key(oid) > key(oids[0])), key=key)
            objects = [(oid, self.values[oid]) for oid in after[:many]]
            if len(after) < many:
                objects.append((after[-1] if after else oids[0], rfc1905.endOfMibView))
        else:
            objects = [(oid, self.values.get(oid, rfc1905.noSuchInstance)) for oid in oids]
        if len(objects) > self.most:
            v2c.apiPDU.set_error_status(reply, 1)
        else:
            v2c.apiPDU.set_varbinds(reply, [(rfc1902.ObjectName(oid), typed(value)) for oid, value in objects])
        answer = v2c.Message()
        v2c.apiMessage.set_defaults(answer)
        v2c.apiMessage.set_community(answer, v2c.apiMessage.get_community(message))
        v2c.apiMessage.set_pdu(answer, reply)
        whole: bytes = encoder.encode(answer)
        return whole


def typed(value: object) -> object:
    if isinstance(value, int):
        return rfc1902.Integer32(value) if value < 2**31 else rfc1902.Counter64(value)
    if isinstance(value, bytes):
        return rfc1902.OctetString(value)
    return rfc1902.ObjectIdentifier(value) if isinstance(value, str) else value


def with_request_id(answer: bytes, change: Callable[[int], int]) -> bytes:
    """Return `answer` with another request id."""
    message, _rest = decoder.decode(answer, asn1Spec=v2c.Message())
    pdu = v2c.apiMessage.get_pdu(message)
    v2c.apiPDU.set_request_id(pdu, change(int(v2c.apiPDU.get_request_id(pdu))))
    whole: bytes = encoder.encode(message)
    return whole


@contextmanager
def running_agent(values: dict[str, Value], spoil: Spoil | None = None) -> Iterator[Agent]:
    """Run an agent on a free port of this computer."""
    agent = Agent(values, spoil)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        agent.port = server.getsockname()[1]

        def reply(peer: tuple[str, int], data: bytes) -> None:
            server.sendto(data, peer)

        def serve() -> None:
            while True:
                request, peer = server.recvfrom(65535)
                if not request:
                    return
                agent.requests += 1
                answer = agent.answer(request)
                if agent.spoil is None:
                    server.sendto(answer, peer)
                else:
                    agent.spoil(agent, request, answer, partial(reply, peer))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield agent
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closer:
                closer.sendto(b"", ("127.0.0.1", agent.port))
            thread.join(5)
            assert not thread.is_alive()


@contextmanager
def session_with(agent: Agent, deadline_s: float = 5.0) -> Iterator[SnmpSession]:
    target = SnmpTarget(host="127.0.0.1", port=agent.port, community=Secret("public"))
    with open_snmp(target, deadline_s=deadline_s) as session:
        session.connect()  # now, not while the deadline of a question runs
        yield session


@pytest.fixture(params=["gufo-snmp", "pysnmp"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Hold both engines to the same contract."""
    name: str = request.param
    if name == "gufo-snmp":
        pytest.importorskip("gufo.snmp")
    else:
        monkeypatch.setattr(snmp_fast, "is_fast", lambda _target: False)
    return name


UPTIME = "1.3.6.1.2.1.1.3.0"
RX = "1.3.6.1.4.1.99.1"
TX = "1.3.6.1.4.1.99.2"


def table(rows: int) -> dict[str, Value]:
    """Return a table of two columns; each value says which row it is of."""
    values: dict[str, Value] = {f"{column}.{row}": row for column in (RX, TX) for row in range(1, rows + 1)}
    return {UPTIME: 5000, **values}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send again sooner than in the field: here nobody is far away."""
    monkeypatch.setattr(snmp_engine, "_FIRST_GAP_S", 0.05)
    monkeypatch.setattr(snmp_engine, "_LEAST_GAP_S", 0.05)
    monkeypatch.setattr(snmp_fast, "_GAP_S", 0.05)


def test_values_keep_their_kind_and_absent_ones_are_absent() -> None:
    values: dict[str, Value] = {f"{RX}.1": -2345, f"{RX}.2": b"\x00\xff", f"{RX}.3": "1.3.6.1", f"{RX}.4": 2**40}
    with running_agent(values) as agent, session_with(agent) as session:
        assert session.get([*values, f"{RX}.9"]) == values
        assert session.walk(RX) == list(values.items())
        assert session.walk(TX) == []
        assert session.get([]) == {}
        assert not session.simulated


def test_more_objects_than_a_message_holds_are_asked_for_in_several() -> None:
    values = table(60)
    with running_agent(values) as agent, session_with(agent) as session:
        assert session.get(list(values)) == values
        assert agent.requests == 6


def test_a_third_of_all_messages_lost(quick: None) -> None:
    lost = random.Random(7)

    def lose(_agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        if lost.random() > 0.3:
            send(answer)

    with running_agent(table(300), lose) as agent, session_with(agent, 20.0) as session:
        assert session.walk(RX) == [(f"{RX}.{row}", row) for row in range(1, 301)]
        assert agent.requests > 15


def test_late_and_doubled_answers_stay_with_their_question(quick: None) -> None:
    """The answer to each request comes after the next request, and then once more."""
    waiting: list[bytes] = []

    def late(_agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        for data in waiting:
            send(data)
            send(data)
        waiting[:] = [answer]

    values = table(5)
    with running_agent(values, late) as agent, session_with(agent) as session:
        for row in (1, 2, 3, 4, 5, 1, 3):
            assert session.get([f"{RX}.{row}"]) == {f"{RX}.{row}": row}
        assert session.walk(TX) == [(f"{TX}.{row}", row) for row in range(1, 6)]


def test_a_wrong_request_id_is_no_answer(quick: None) -> None:
    steps = [1, 2**20, -(2**10)]  # one less is the number of the same question when it was sent before

    def mistake(_agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        for step in steps:
            send(with_request_id(answer, lambda number: number + step))  # noqa: B023

    with running_agent(table(3), mistake) as agent, session_with(agent, 0.3) as session:
        with pytest.raises(Timeout):
            session.get([f"{RX}.1"])
        agent.spoil = None
        assert session.get([f"{RX}.2"]) == {f"{RX}.2": 2}


def test_the_values_of_another_onu_are_refused() -> None:
    def other_onu(agent: Agent, request: bytes, _answer: bytes, send: Send) -> None:
        own = encoder.encode(rfc1902.ObjectIdentifier(f"{RX}.1"))
        send(agent.answer(request.replace(own, encoder.encode(rfc1902.ObjectIdentifier(f"{RX}.2")))))

    with running_agent(table(3), other_onu) as agent, session_with(agent) as session:
        with pytest.raises(BadReply, match="about other objects") as refused:
            session.get([f"{RX}.1"])
        assert refused.value.reason == "garbled"


def test_too_big_halves_what_is_asked_for() -> None:
    values = table(40)
    with running_agent(values) as agent, session_with(agent) as session:
        agent.most = 4
        assert len(session.walk(RX)) == 40
        assert session.get(list(values)[:10]) == dict(list(values.items())[:10])
        agent.most = 0
        with pytest.raises(CommandRefused, match="does not fit"):
            session.get([f"{RX}.1"])


def test_a_table_that_does_not_increase_ends_the_walk() -> None:
    def again(agent: Agent, request: bytes, answer: bytes, send: Send) -> None:
        late = encoder.encode(rfc1902.ObjectIdentifier(f"{RX}.30"))
        send(answer.replace(late, encoder.encode(rfc1902.ObjectIdentifier(f"{RX}.3"))[:-1] + b"\x03"))

    with running_agent(table(60), again) as agent, session_with(agent) as session:
        with pytest.raises(BadReply, match=r"99\.1\.3, which does not follow"):
            session.walk(RX)
        assert agent.requests < 6


def test_silence_ends_at_the_deadline() -> None:
    with running_agent(table(3), lambda *_all: None) as agent, session_with(agent, 0.5) as session:
        for ask in (lambda: session.get([UPTIME]), lambda: session.walk(RX)):
            began = monotonic()
            with pytest.raises(Timeout, match="no answer") as silent:
                ask()
            assert 0.4 < monotonic() - began < 0.9
            assert "community" in silent.value.hint


def test_a_device_that_dies_in_mid_walk_ends_at_the_deadline(quick: None) -> None:
    def dies(agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        if agent.requests < 5:
            send(answer)

    with running_agent(table(500), dies) as agent, session_with(agent, 0.6) as session:
        began = monotonic()
        with pytest.raises(Timeout):
            session.walk(RX)
        assert 0.5 < monotonic() - began < 1.0


def test_a_restart_in_mid_walk_is_not_taken_for_a_table() -> None:
    """After the restart the rows have other numbers: what the walk has is of two tables."""

    def restart(agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        if agent.requests == 4:
            agent.values = {UPTIME: 10, **{f"{RX}.{row}": row + 1 for row in range(1, 101)}}
        send(answer)

    with running_agent(table(100), restart) as agent, session_with(agent) as session:
        with pytest.raises(DeviceError, match="restarted") as cut:
            session.walk(RX)
        assert cut.value.reason == "interrupted"
        assert session.walk(RX)[0] == (f"{RX}.1", 2)


def test_an_uptime_that_is_full_begins_again() -> None:
    def wrap(agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        agent.values[UPTIME] = 7
        send(answer)

    values = table(3) | {UPTIME: 2**32 - 50}
    with running_agent(values, wrap) as agent, session_with(agent) as session:
        assert len(session.walk(RX)) == 3
        assert agent.values[UPTIME] == 7


def test_nobody_listens_is_said_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = monotonic()
    target = SnmpTarget(host="127.0.0.1", port=port, community=Secret("x"))
    with open_snmp(target, deadline_s=20) as session, pytest.raises(Unreachable) as gone:
        session.get([UPTIME])
    assert monotonic() - began < 3
    assert f"udp://127.0.0.1:{port}" in gone.value.what


def test_an_unknown_name_is_said() -> None:
    target = SnmpTarget(host="olt7.invalid", community=Secret("x"))
    with pytest.raises(Unreachable, match=r"olt7\.invalid"), open_snmp(target, deadline_s=5):
        pytest.fail("the name cannot be known")


def test_what_is_no_snmp_is_named(quick: None, capfd: pytest.CaptureFixture[str]) -> None:
    kinds = [b"\x00", b"\x30\x84", b"HTTP/1.1 400", b"\x30\x03\x02\x01\x07", bytes(2000)]

    def noise(_agent: Agent, _request: bytes, _answer: bytes, send: Send) -> None:
        for garbage in kinds:
            send(garbage)

    def noise_and_answer(agent: Agent, request: bytes, answer: bytes, send: Send) -> None:
        noise(agent, request, answer, send)
        send(answer)

    with running_agent(table(1), noise) as agent, session_with(agent, 0.3) as session:
        with pytest.raises(BadReply, match="does not speak SNMP"):
            session.get([UPTIME])
        agent.spoil = noise_and_answer
        assert session.get([UPTIME]) == {UPTIME: 5000}
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("status", [1, 5, 6, 99])
def test_an_error_in_mid_table_is_never_its_end(status: int) -> None:
    """Some engines take an error state for the end of a table: missing rows would look absent."""

    def fail(agent: Agent, request: bytes, answer: bytes, send: Send) -> None:
        message, _rest = decoder.decode(request, asn1Spec=v2c.Message())
        reply = v2c.apiPDU.get_response(v2c.apiMessage.get_pdu(message))
        v2c.apiPDU.set_error_status(reply, status)
        v2c.apiMessage.set_pdu(message, reply)
        send(answer if agent.requests < 4 else encoder.encode(message))

    with running_agent(table(200), fail) as agent, session_with(agent) as session, pytest.raises(CommandRefused):
        session.walk(RX)


def test_an_error_that_passes_costs_no_rows() -> None:
    def fail_once(agent: Agent, request: bytes, answer: bytes, send: Send) -> None:
        message, _rest = decoder.decode(request, asn1Spec=v2c.Message())
        reply = v2c.apiPDU.get_response(v2c.apiMessage.get_pdu(message))
        v2c.apiPDU.set_error_status(reply, 1)
        v2c.apiMessage.set_pdu(message, reply)
        send(encoder.encode(message) if agent.requests == 4 else answer)

    with running_agent(table(200), fail_once) as agent, session_with(agent) as session:
        assert session.walk(RX) == [(f"{RX}.{row}", row) for row in range(1, 201)]


def test_a_table_of_more_bytes_than_a_message_can_hold() -> None:
    values: dict[str, Value] = {f"{RX}.{row}": b"x" * 50 for row in range(1, 1801)}
    with running_agent(values) as agent, session_with(agent, 20.0) as session:
        assert dict(session.walk(RX)) == values


@pytest.mark.parametrize("seed", range(2))
def test_answers_with_flipped_bytes_end_in_rows_or_in_words(quick: None, seed: int) -> None:
    """Whatever an agent sends: no crash, no endless walk, no row under another name."""
    spoiled = random.Random(seed)

    def flip(_agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        body = bytearray(answer)
        for _flip in range(spoiled.randrange(1, 4)):
            body[spoiled.randrange(len(body))] = spoiled.randrange(256)
        send(bytes(body[: spoiled.randrange(len(body) // 2, len(body) + 1)]))
        if spoiled.random() < 0.5:
            send(answer)

    with running_agent(table(40), flip) as agent, session_with(agent, 0.4) as session:
        for _round in range(4):
            with suppress(DeviceError):
                rows = session.walk(RX)
                assert all(oid.startswith(f"{RX}.") for oid, _value in rows)


@pytest.mark.parametrize("at", [1, 3, 6])  # lengths: of the message, the version, the community
def test_a_length_of_many_octets_in_a_short_answer(quick: None, at: int) -> None:
    def spoil(_agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        send(answer[:at] + b"\xbf" + answer[at + 1 :])

    with running_agent(table(4), spoil) as agent, session_with(agent, 0.4) as session, pytest.raises(DeviceError):
        session.walk(RX)


@pytest.mark.parametrize(
    "value", [b"\x02\x0c" + b"\x7f" * 12, b"\x4f\x02ab", b"\x04\x84\xff\xff\xff\xffx", b"\x06\x81\x80" + b"\xff" * 128]
)
def test_values_that_no_type_allows_do_no_harm(quick: None, value: bytes) -> None:
    def swap(_agent: Agent, _request: bytes, answer: bytes, send: Send) -> None:
        right = encoder.encode(rfc1902.Integer32(77))
        at = answer.rfind(right)
        send(answer if at < 0 or len(value) != len(right) else answer[:at] + value + answer[at + len(right) :])
        if at >= 0 and len(value) != len(right):
            send(answer[:at] + value)

    with (
        running_agent({UPTIME: 1, f"{RX}.1": 77}, swap) as agent,
        session_with(agent, 0.4) as session,
        suppress(DeviceError),
    ):
        assert [oid for oid, _value in session.walk(RX)] in ([f"{RX}.1"], [])


def test_sessions_do_not_disturb_each_other() -> None:
    with running_agent(table(30)) as one, running_agent({f"{RX}.1": 77}) as other:
        with session_with(one) as first, session_with(other) as second:
            assert second.walk(RX) == [(f"{RX}.1", 77)]
            assert len(first.walk(RX)) == 30
        with session_with(one) as third:
            assert len(third.walk(TX)) == 30


def test_addresses() -> None:
    community, auth, priv = Secret("c"), Secret("a"), Secret("p")
    plain = target_at("udp://192.0.2.7:1161", {"community": community})
    assert (plain.host, plain.port, plain.version, plain.community) == ("192.0.2.7", 1161, "2c", community)
    secret = target_at("udp://tech@[2001:db8::7]?auth=sha256&priv=aes256c", {"auth": auth, "priv": priv})
    assert (secret.host, secret.port, secret.version, secret.user) == ("2001:db8::7", 161, "3", "tech")
    assert (secret.auth_protocol, secret.priv_protocol, secret.priv_key) == ("sha256", "aes256c", priv)
    assert "Secret(***)" in repr(secret)
    assert not plain.simulated
    assert target_at("bench:udp://127.0.0.1:40161", {"community": community}).simulated


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://h", "not an address"),
        ("udp://", "not an address"),
        ("udp://h:99999", "not an address"),
        ("udp://h", "'community'"),
        ("udp://u:clear@h", "not an address"),
        ("udp://u@h?auth=sha1024", "'sha1024'"),
        ("udp://u@h?priv=rot13", "'rot13'"),
        ("udp://u@h?colour=red", "'colour'"),
        ("udp://u@h", "'auth'"),
    ],
)
def test_wrong_addresses_are_refused_in_words(address: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        target_at(address, {})
    assert said in refused.value.what
    assert "clear" not in refused.value.what + refused.value.hint


def test_pysnmp_is_not_imported_before_a_session() -> None:
    code = "import sys, linetest.transports.snmp, linetest.transports.snmp_replay; print('pysnmp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"False"
