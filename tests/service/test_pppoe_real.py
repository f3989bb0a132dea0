"""Dialling in at real concentrators: pppd and rp-pppoe in a second kernel (tests/peers/bng-up)."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.service.real_bng import QINQ, Concentrators, told_by

pytestmark = [pytest.mark.peer, pytest.mark.slow]


def value(told: dict[str, Any], metric: str, **where: Any) -> tuple[float | None, str | None]:
    """Return value and reason of the one reading of a metric at a place."""
    [found] = [one for one in told["readings"] if one[0] == f"service.{metric}" and where.items() <= one[3].items()]
    return found[1], found[2]


def test_chap_and_a_packet_of_every_size(real: Concentrators) -> None:
    told = real.dial("tap0", echoes=[64, 1492, 1493])
    assert told["trouble"] == ""
    assert told["address"].startswith("10.67.1.")
    assert told["dns"] == ["192.0.2.53", "192.0.2.54"]
    assert [echo["rtt_s"] is not None for echo in told["echoes"]] == [True, True, False]
    assert told["echoes"][2]["too_big_for"] == told["mtu"] == 1492
    assert told["details"]["dials"][0]["authentication"] == "CHAP-MD5"
    assert value(told, "lcp_echo_rtt_ms")[1] is None
    assert told["steps"] == [["pppoe session", "restored"]]


def test_pap_in_two_vlan_tags(real: Concentrators) -> None:
    told = real.dial("tap1", QINQ, echoes=[64, 1484])
    assert told["trouble"] == ""
    assert told["details"]["dials"][0]["authentication"] == "PAP"
    assert [echo["rtt_s"] is not None for echo in told["echoes"]] == [True, True]
    assert told["mtu"] == 1484  # the interface's MTU leaves no more beside two tags
    assert told["warnings"] == ["small-interface"]
    assert value(told, "mru_octets") == (1492.0, None)
    assert told["details"]["dials"][0]["concentrators"][0]["name"] == "BNG-QINQ"


@pytest.mark.parametrize(("interface", "tags"), [("tap0", ()), ("tap1", QINQ)])
def test_a_wrong_password_is_refused_in_its_own_words(
    real: Concentrators, interface: str, tags: tuple[str, ...]
) -> None:
    told = real.dial(interface, tags, password="wrong")
    assert value(told, "phase_ms", phase="authentication") == (None, "login-refused")
    assert value(told, "login_refused_count") == (1.0, None)
    assert told["trouble"].startswith("user and password are refused: ")
    assert told["steps"] == [["pppoe session", "restored"]]


def test_no_concentrator(real: Concentrators) -> None:
    told = real.dial("tap1", phase_timeout_s=2.5)
    assert value(told, "access_s") == (None, "no-concentrator")
    assert value(told, "retransmission_count", phase="PADO") == (2.0, None)
    assert value(told, "concentrator_count") == (0.0, None)
    assert told["steps"] == []


def test_two_concentrators(real: Concentrators) -> None:
    told = real.dial("br2")
    assert told["trouble"] == ""
    assert value(told, "concentrator_count")[0] == 2.0
    assert value(told, "extra_concentrator_count")[0] == 1.0
    names = {one["name"] for one in told["details"]["dials"][0]["concentrators"]}
    assert names == {"BNG-A", "BNG-B"}
    chosen = real.dial("br2", servers={"concentrator": "BNG-B"})
    assert chosen["address"].startswith("10.67.4.")


def test_a_small_mru(real: Concentrators) -> None:
    told = real.dial("tap4", echoes=[1480, 1481])
    assert value(told, "mru_octets") == (1480.0, None)
    assert told["mtu"] == 1480
    assert told["echoes"][0]["rtt_s"] is not None
    assert told["echoes"][1]["too_big_for"] == 1480


def test_the_end_in_mid_test_is_told(real: Concentrators) -> None:
    process = real.start("tap0", stays_s=20.0)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    real.hang_up()
    told = told_by(process)
    assert told["ended"][0] == "session-ended"
    assert told["ended"][1].startswith("the concentrator ended the session: ")
    assert told["steps"] == [["pppoe session", "restored"]]


def test_an_untagged_server_that_answers_a_tagged_call_is_no_success(real: Concentrators) -> None:
    """A PPPoE server on the card itself hears tagged calls and answers them untagged: the trap of AF_PACKET."""
    told = real.dial("tap5", ("802.1ad:10", "802.1Q:42"), phase_timeout_s=2.5)
    assert value(told, "access_s") == (None, "wrong-tags")
    assert (value(told, "wrong_tags_count")[0] or 0.0) >= 1.0
    assert "a call with 802.1ad 10 + 802.1Q 42 was answered with untagged" in told["trouble"]
    right = real.dial("tap5", QINQ)
    assert right["trouble"] == ""
    assert right["address"].startswith("10.67.7.")
    assert [one["name"] for one in right["details"]["dials"][0]["concentrators"]] == ["BNG-RIGHT"]
    assert (value(right, "wrong_tags_count")[0] or 0.0) >= 1.0


def test_the_times_of_the_phases_are_those_of_a_capture(
    real: Concentrators, need: Callable[[bool, str], None], tmp_path: Path
) -> None:
    need(bool(which("tshark")) and bool(which("tcpdump")), "tshark or tcpdump is missing")
    capture = tmp_path / "dial.pcap"
    watcher = subprocess.Popen(
        [
            "ip",
            "netns",
            "exec",
            real.space,
            "tcpdump",
            "--immediate-mode",
            "-U",
            "-Z",
            "root",
            "-i",
            "tap0",
            "-w",
            capture,
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert watcher.stderr is not None
        assert any("listening" in line for line in watcher.stderr)
        told = real.dial("tap0")
        time.sleep(0.3)
    finally:
        watcher.terminate()
        watcher.communicate(timeout=10)
    assert told["trouble"] == ""
    truth = _phases(capture)
    for phase in told["details"]["dials"][0]["phases"]:
        time_s, count = truth[phase["phase"]]
        assert phase["time_s"] == pytest.approx(time_s, rel=0.2, abs=0.001), phase
        if count is not None:
            assert phase["retransmissions"] == count, phase
    whole_s = sum(time_s for time_s, _count in truth.values())
    assert value(told, "access_s")[0] == pytest.approx(whole_s, rel=0.2)


def _phases(capture: Path) -> dict[str, tuple[float, int | None]]:
    """Return time and retransmissions of each phase as tshark reads the capture."""
    fields = ["frame.time_epoch", "pppoe.code", "ppp.protocol", "ppp.code", "chap.code", "eth.src"]
    table = subprocess.run(
        ["tshark", "-r", capture, "-T", "fields", *(word for field in fields for word in ("-e", field))],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split("\t") for line in table.splitlines()]
    ours = rows[0][5]  # who sent the PADI

    def times(**wanted: str) -> list[float]:
        keys = {"code": 1, "protocol": 2, "ppp": 3, "chap": 4, "src": 5}
        return [float(row[0]) for row in rows if all(row[keys[key]] == text for key, text in wanted.items())]

    asked, offered, given = times(code="0x09")[0], times(code="0x07")[0], times(code="0x65")[0]
    proven = times(chap="3")[0]
    linked = max(time_s for time_s in times(protocol="0xc021", ppp="2") if time_s < proven)
    agreed = max(times(protocol="0x8021", ppp="2"))
    return {
        "PADO": (offered - asked, len(times(code="0x09")) - 1),
        "PADS": (given - offered, len(times(code="0x19")) - 1),
        "LCP": (linked - given, len(times(protocol="0xc021", ppp="1", src=ours)) - 1),
        "authentication": (proven - linked, len(times(chap="2")) - 1),
        "IPCP": (agreed - proven, None),  # requests that follow a Configure-Nak are no retransmissions
    }
