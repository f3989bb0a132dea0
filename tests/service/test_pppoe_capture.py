"""The capture that is kept of a dial: readable by others, without names and secrets, and without payload."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.secrets import Secret
from linetest.service.ppp_auth import Account
from linetest.service.pppoe_capture import Capture, redacted

USER, PASSWORD = "line1@isp", "correct horse"
_HEAD = bytes.fromhex("020000000001 020000000002 88a8000a 81000029 8864 1100 0001")


def _session(protocol: int, packet: bytes) -> bytes:
    body = protocol.to_bytes(2, "big") + packet
    return _HEAD + len(body).to_bytes(2, "big") + body


def _control(code: int, body: bytes) -> bytes:
    return bytes([code, 7]) + (len(body) + 4).to_bytes(2, "big") + body


PAP = _session(0xC023, _control(1, b"\x09line1@isp\x0dcorrect horse"))
CHAP = _session(0xC223, _control(2, b"\x10" + bytes(range(1, 17)) + b"line1@isp"))


def test_user_and_password_of_pap_are_overwritten() -> None:
    assert redacted(PAP) == _session(0xC023, _control(1, b"\x09*********\x0d*************"))


def test_value_and_name_of_a_chap_response_are_overwritten() -> None:
    assert redacted(CHAP) == _session(0xC223, _control(2, b"\x10" + b"*" * 16 + b"*********"))


@pytest.mark.parametrize("protocol", [0x0021, 0x0057, 0x00FD])
def test_payload_is_not_kept(protocol: int) -> None:
    assert redacted(_session(protocol, b"E\0\0\x1cwhat a customer sends")) is None
    assert redacted(_HEAD[:12] + b"\x08\0E\0what a customer sends") is None


def test_what_a_server_says_back_is_overwritten_too() -> None:
    capture = Capture(Account(USER, Secret(PASSWORD)))
    capture.add(_session(0xC223, _control(4, b"E=691 no account line1@isp, correct horse")))
    body = capture.evidence().body
    assert b"E=691 no account *********, *************" in body
    assert USER.encode() not in body


@given(st.binary(max_size=80), st.sampled_from([PAP, CHAP, b""]), st.integers(0, 60))
def test_any_frame_keeps_its_length_or_is_dropped(octets: bytes, frame: bytes, cut: int) -> None:
    whole = frame[:cut] + octets
    kept = redacted(whole)
    assert kept is None or len(kept) == len(whole)
    for length in range(len(PAP)):  # a damaged frame shows no more than a whole one
        assert b"correct" not in (redacted(PAP[:length]) or b"")


@pytest.mark.peer
def test_tshark_reads_it(need: Callable[[bool, str], None], tmp_path: Path) -> None:
    need(which("tshark") is not None, "tshark is missing")
    capture = Capture(Account(USER, Secret(PASSWORD)))
    for frame in (PAP, CHAP, _session(0x0021, b"dropped")):
        capture.add(frame)
    path = tmp_path / "pppoe.pcap"
    path.write_bytes(capture.evidence().body)
    fields = ["-e", "vlan.id", "-e", "pap.peer_id", "-e", "pap.password", "-e", "chap.name", "-e", "_ws.malformed"]
    read = subprocess.run(["tshark", "-r", path, "-T", "fields", *fields], capture_output=True, text=True, check=True)
    assert read.stdout.splitlines() == ["41\t*********\t*************\t\t", "41\t\t\t*********\t"]
