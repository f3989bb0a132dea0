"""Dialling in at the simulated concentrator: every phase, every way it can fail, and the clean end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from linetest.bench.bng import Bng
from linetest.bench.bng_settings import BngSettings
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import Wire, open_wire
from linetest.errors import DeviceError, UsageError
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement
from linetest.service.access import Access
from linetest.service.path import Joined
from linetest.service.pppoe import joined
from linetest.service.pppoe_settings import PppoeSettings
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings

USER, PASSWORD = "line1@isp", "correct horse"
QINQ = ((0x88A8, 10), (0x8100, 41))
QUICK = PppoeSettings(dials=1, retry_s=0.1, phase_timeout_s=0.6)
Values = dict[str, list[tuple[float | None, str | None]]]


class Network:
    """A wire with concentrators, and the way in."""

    def __init__(self, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wire = wire
        self.inside = Inside()
        self.bngs: list[Bng] = []
        self.restore = Restore()
        monkeypatch.setenv("PPP_PASSWORD", PASSWORD)
        monkeypatch.setattr("linetest.service.pppoe._LISTEN_S", 0.2)
        monkeypatch.setattr("linetest.service.pppoe._PAUSE_S", 0.01)

    def add(self, **settings: Any) -> Bng:
        bng = Bng(self.wire, BngSettings(**settings), self.inside, bytes([2, 0xBB, 0, 0, 0, len(self.bngs) + 1]))
        self.bngs.append(bng)
        self.wire.stations.append(bng)
        return bng

    @contextmanager
    def entered(self, settings: PppoeSettings = QUICK, **access: Any) -> Iterator[Joined]:
        point = Access(
            address=self.wire.address, user=USER, secrets={"ppp": "env:PPP_PASSWORD"}, device="port", simulated=True
        )
        for name, value in access.items():
            point = type(point)(**{**{f: getattr(point, f) for f in point.__struct_fields__}, name: value})
        with joined(point, ServiceSettings(connect="pppoe", pppoe=settings), self.restore) as found:
            yield found

    def measured(self, settings: PppoeSettings = QUICK, **access: Any) -> Measurement:
        with self.entered(settings, **access) as found:
            return found.measured


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    with open_wire() as wire:
        yield Network(wire, monkeypatch)


def values(measured: Measurement) -> Values:
    found: Values = {}
    for reading in measured.readings:
        assert reading.unit == METRICS[reading.metric].unit
        assert (reading.value is None) == (reading.reason is not None)
        found.setdefault(reading.metric.removeprefix("service."), []).append((reading.value, reading.reason))
    return found


def value(measured: Measurement, metric: str, **where: Any) -> tuple[float | None, str | None]:
    """Return value and reason of the one reading of a metric at a place."""
    [found] = [
        one for one in measured.readings if one.metric == f"service.{metric}" and where.items() <= one.where.items()
    ]
    return found.value, found.reason


@pytest.mark.parametrize("authentication", ["chap", "pap", "none"])
@pytest.mark.parametrize("tags", [(), QINQ])
def test_a_dial_from_the_first_padi_to_the_address(network: Network, authentication: str, tags: Any) -> None:
    bng = network.add(authentication=authentication, tags=tags)
    with network.entered(tags=("802.1ad:10", "41") if tags else ()) as found:
        measured, path = found.measured, found.path
        assert path is not None, measured.trouble
        assert (path.how, path.address, path.gateway, path.mtu) == ("pppoe", "10.64.0.2", "10.64.0.1", 1492)
        assert path.dns_servers == ["192.0.2.53", "192.0.2.54"]
        echo = path.echo("10.64.0.1", 1492, 1.0, dont_fragment=True)
        assert 0.0 < (echo.rtt_s or 0.0) < 1.0
        [session] = bng.sessions.values()
        assert session.user == (None if authentication == "none" else USER)
    assert bng.ended in (["Terminate-Request"], ["PADT"])
    assert not bng.sessions
    assert [(step.name, step.state) for step in network.restore.steps] == [("pppoe session", "restored")]
    [dial] = measured.details["pppoe"]["dials"]
    assert dial["authentication"] == {"chap": "CHAP-MD5", "pap": "PAP", "none": None}[authentication]
    phases = [phase["phase"] for phase in dial["phases"]]
    assert phases == ["PADO", "PADS", "LCP", *(["authentication"] if authentication != "none" else []), "IPCP"]
    assert sum(phase["time_s"] for phase in dial["phases"]) == pytest.approx(dial["access_time_s"], abs=0.01)
    assert [phase["retransmissions"] for phase in dial["phases"]] == [0] * len(phases)
    assert value(measured, "mru_octets") == (1492.0, None)
    assert value(measured, "wrong_tags_count") == (0.0, None)
    assert value(measured, "lcp_echo_rtt_ms")[1] is None
    assert measured.simulated


def test_several_dials_have_a_mean(network: Network) -> None:
    bng = network.add()
    measured = network.measured(PppoeSettings(dials=3, retry_s=0.1))
    times = [time for time, _reason in values(measured)["access_s"]]
    assert len(times) == 3
    assert value(measured, "access_mean_s")[0] == pytest.approx(sum(filter(None, times)) / 3)
    assert len(bng.ended) == 3
    assert [step.state for step in network.restore.steps] == ["restored"] * 3


def test_nobody_answers(network: Network) -> None:
    network.add(faults=frozenset({"silent"}))
    measured = network.measured()
    assert value(measured, "phase_ms", phase="PADO") == (None, "no-concentrator")
    assert value(measured, "retransmission_count", phase="PADO")[0] in (4.0, 5.0)
    assert value(measured, "phase_ms", phase="IPCP") == (None, "not-measured")
    assert value(measured, "concentrator_count") == (0.0, None)
    assert value(measured, "extra_concentrator_count") == (None, "no-concentrator")
    assert value(measured, "access_mean_s") == (None, "no-concentrator")
    assert measured.trouble.startswith("no concentrator answers: no PADO to any PADI; check that the ONU is online")
    assert network.restore.steps == []


@pytest.mark.parametrize(
    ("settings", "phase", "reason", "words"),
    [
        ({"faults": {"no-pads"}}, "PADS", "timeout", "offers a session and then gives none"),
        ({"faults": {"pads-error"}}, "PADS", "session-refused", "AC-System-Error: no resources for this line"),
        ({"faults": {"lcp-silent"}}, "LCP", "timeout", "LCP does not come to an end"),
        ({"faults": {"lcp-loop"}}, "LCP", "looped", "LCP hears itself"),
        ({"faults": {"auth-refused"}}, "authentication", "login-refused", "E=691 user or password is wrong"),
        ({"faults": {"auth-refused"}, "authentication": "pap"}, "authentication", "login-refused", "refused: E=691"),
        ({"users": {}, "refusal": ""}, "authentication", "login-refused", "user and password are refused; "),
        ({"auth_delay_s": 60.0}, "authentication", "timeout", "does not answer user and password"),
        ({"faults": {"no-address"}}, "IPCP", "not-agreed", "gives no address"),
    ],
)
def test_a_phase_that_fails_says_why(
    network: Network, settings: dict[str, Any], phase: str, reason: str, words: str
) -> None:
    bng = network.add(**{**settings, "faults": frozenset(settings.get("faults", ()))})
    measured = network.measured()
    assert value(measured, "phase_ms", phase=phase) == (None, reason)
    assert value(measured, "access_s") == (None, reason)
    assert words in measured.trouble
    assert not bng.sessions or "lcp-loop" in bng.settings.faults or "lcp-silent" in bng.settings.faults
    expected = ["restored"] if phase != "PADS" else []
    assert [step.state for step in network.restore.steps] == expected


def test_refusals_are_counted_only_where_a_dial_came_so_far(network: Network) -> None:
    network.add(faults=frozenset({"auth-refused"}))
    refused = network.measured()
    assert value(refused, "login_refused_count") == (1.0, None)
    assert value(refused, "session_refused_count") == (0.0, None)
    network.bngs[0].settings.faults = frozenset({"pads-error"})
    refused = network.measured()
    assert value(refused, "session_refused_count") == (1.0, None)
    assert value(refused, "login_refused_count") == (None, "not-measured")


def test_a_lost_first_request_costs_one_retransmission(network: Network) -> None:
    network.add(faults=frozenset({"lost-first-request"}))
    measured = network.measured()
    assert value(measured, "retransmission_count", phase="LCP") == (1.0, None)
    assert (value(measured, "phase_ms", phase="LCP")[0] or 0.0) >= 100.0


def test_two_concentrators_are_both_named(network: Network) -> None:
    network.add(name="BNG-01")
    rival = network.add(name="home router", offer_delay_s=0.05)
    measured = network.measured()
    assert value(measured, "concentrator_count", concentrators="BNG-01, home router") == (2.0, None)
    assert value(measured, "extra_concentrator_count", concentrators="home router") == (1.0, None)
    assert not rival.ended
    names = [one["name"] for one in measured.details["pppoe"]["dials"][0]["concentrators"]]
    assert names == ["BNG-01", "home router"]


def test_the_station_may_name_the_one_that_may_answer(network: Network) -> None:
    network.add(name="home router")
    network.add(name="BNG-01", offer_delay_s=0.05)
    with network.entered(servers={"concentrator": "BNG-01"}) as found:
        assert found.path is not None
        assert len(network.bngs[1].sessions) == 1
    assert value(found.measured, "extra_concentrator_count", concentrators="home router") == (1.0, None)
    measured = network.measured(servers={"concentrator": "BNG-02"})
    assert value(measured, "access_s") == (None, "no-concentrator")
    assert "'BNG-02' does not answer; these do: home router, BNG-01" in measured.trouble


def test_an_untagged_answer_to_a_tagged_call_is_no_answer(network: Network) -> None:
    network.add(name="wrong", faults=frozenset({"untagged-answers"}))
    measured = network.measured(tags=("802.1ad:10", "41"))
    assert value(measured, "phase_ms", phase="PADO") == (None, "wrong-tags")
    assert (value(measured, "wrong_tags_count")[0] or 0.0) >= 1.0
    assert value(measured, "concentrator_count") == (0.0, None)
    assert "a call with 802.1ad 10 + 802.1Q 41 was answered with untagged" in measured.trouble
    assert not network.bngs[0].sessions


def test_the_right_one_is_found_behind_an_untagged_answer(network: Network) -> None:
    network.add(name="wrong", faults=frozenset({"untagged-answers"}))
    network.add(name="right", tags=QINQ, offer_delay_s=0.05)
    with network.entered(tags=("802.1ad:10", "802.1Q:41")) as found:
        assert found.path is not None, found.measured.trouble
        assert len(network.bngs[1].sessions) == 1
        assert not network.bngs[0].sessions
    assert (value(found.measured, "wrong_tags_count")[0] or 0.0) >= 1.0


def test_a_smaller_mru_is_agreed_and_kept(network: Network) -> None:
    network.add(mru=1480)
    with network.entered() as found:
        assert found.path is not None
        assert found.path.mtu == 1480
        assert found.path.echo("10.64.0.1", 1492, 0.5, dont_fragment=True).too_big_for == 1480
        assert found.path.echo("10.64.0.1", 1480, 0.5, dont_fragment=True).rtt_s is not None
    assert value(found.measured, "mru_octets") == (1480.0, None)


def test_a_session_that_ends_in_mid_test_is_told(network: Network) -> None:
    network.add(ends_after_s=0.4)
    network.inside.silent_hosts = ("10.64.0.99",)
    with network.entered() as found:
        assert found.path is not None
        with pytest.raises(DeviceError, match="the concentrator ended the session: PADT") as ended:
            for _attempt in range(1000):
                found.path.echo("10.64.0.99", 64, 0.01)  # who is silent
    assert ended.value.reason == "session-ended"


def test_a_concentrator_that_hands_over_to_another_is_followed(network: Network) -> None:
    network.add(faults=frozenset({"renegotiates"}))
    with network.entered() as found:
        assert found.path is not None, found.measured.trouble


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError])
def test_the_session_is_ended_after_an_error_and_on_ctrl_c(network: Network, end: type[BaseException]) -> None:
    bng = network.add()
    with pytest.raises(end), network.entered() as found:
        assert found.path is not None
        raise end
    assert len(bng.ended) == 1
    assert not bng.sessions
    assert [step.state for step in network.restore.steps] == ["restored"]


def test_ctrl_c_while_dialling_leaves_no_session(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    bng = network.add()

    def stopped(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("linetest.service.pppoe_dial.IpcpSide", stopped)
    with pytest.raises(KeyboardInterrupt), network.entered():
        pass
    assert len(bng.ended) == 1
    assert [step.state for step in network.restore.steps] == ["restored"]


def test_without_user_and_password_nothing_is_sent(network: Network) -> None:
    network.add()
    with pytest.raises(UsageError, match="dialling in needs a user and a password"), network.entered(user=None):
        pass
    with pytest.raises(UsageError, match="needs a user"), network.entered(secrets={}):
        pass
    assert network.wire.passed == []


def test_neither_user_nor_password_is_in_what_is_kept(network: Network) -> None:
    network.add(authentication="pap")
    measured = network.measured()
    assert USER not in repr(measured)
    assert PASSWORD not in repr(measured)


def test_datagrams_are_answered_and_others_are_not_taken(network: Network) -> None:
    network.add()
    network.inside.services["192.0.2.53", 53] = lambda _who, _port, asked: asked[::-1]
    with network.entered() as found:
        assert found.path is not None
        with found.path.udp("192.0.2.53", 53) as talk, found.path.udp("192.0.2.99", 53) as silence:
            silence.send(b"anybody")
            talk.send(b"question")
            assert talk.receive(1.0) == b"noitseuq"
            assert silence.receive(0.1) is None
        with pytest.raises(UsageError, match="not an IPv4 address"), found.path.udp("dns.example", 53):
            pass


@pytest.mark.parametrize(
    ("inside", "octets", "expected"),
    [
        ({"largest_packet": 1400}, 1492, ("too_big_for", 1400)),
        ({"largest_packet": 1400}, 1400, ("rtt_s", None)),
        ({"largest_packet": 1400, "black_hole": True}, 1492, None),
        ({"silent_hosts": ("10.64.0.1",)}, 64, None),
    ],
)
def test_what_becomes_of_an_echo_request(
    network: Network, inside: dict[str, Any], octets: int, expected: tuple[str, int | None] | None
) -> None:
    network.add()
    for name, setting in inside.items():
        setattr(network.inside, name, setting)
    with network.entered() as found:
        assert found.path is not None
        echo = found.path.echo("10.64.0.1", octets, 0.3, dont_fragment=True)
    told = {name: got for name in ("rtt_s", "too_big_for") if (got := getattr(echo, name)) is not None}
    if expected is None:
        assert told == {}
    elif expected[1] is None:
        assert list(told) == [expected[0]]
    else:
        assert told == dict([expected])


def test_the_capture_of_a_dial_holds_its_phases_and_no_secret(network: Network) -> None:
    network.add(authentication="pap", tags=QINQ)
    with network.entered(tags=("802.1ad:10", "41")) as found:
        assert found.path is not None
        found.path.echo("10.64.0.1", 500, 1.0)
    [file] = found.measured.evidence
    assert file.name == "pppoe.pcap"
    assert file.body.startswith(b"\xd4\xc3\xb2\xa1")
    assert b"BNG-01" in file.body
    assert b"*" * len(USER) in file.body
    assert USER.encode() not in file.body
    assert PASSWORD.encode() not in file.body
    assert bytes(100) not in file.body  # no echo request
