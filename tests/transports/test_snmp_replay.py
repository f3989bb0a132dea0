"""Recordings of agents: read, played back, written and read again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import BadFile, FileError
from linetest.transports.snmp_replay import RecordingSession, ReplayedSession, load_recording, parse_recording

EVERY_KIND = rb"""# a comment
1.3.6.1.2.1.1.1.0|4|An OLT | with bars
1.3.6.1.2.1.1.2.0|6|.1.3.6.1.4.1.17409
1.3.6.1.2.1.1.3.0|67|4711

1.3.1|2|-40000
1.3.2|4x|0xff00fe
1.3.3|4e|a\x00b\n\\
1.3.4|64|192.0.2.7
1.3.5|64x|c0000207
1.3.6|5|
1.3.7|70|18446744073709551615
.1.3.8|4x|
1.3.1|2|7
"""

values = st.dictionaries(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, (1, *parts)))),
    st.one_of(st.integers(-(2**31), 2**64 - 1), st.binary(), st.text().map(str.encode), st.just("1.3.6.1")),
)


def test_every_kind_of_line() -> None:
    session = ReplayedSession(parse_recording(EVERY_KIND, "x"))
    assert session.walk("1.3") == [
        ("1.3.1", -40000),
        ("1.3.2", b"\xff\x00\xfe"),
        ("1.3.3", b"a\x00b\n\\"),
        ("1.3.4", bytes([192, 0, 2, 7])),
        ("1.3.5", bytes([192, 0, 2, 7])),
        ("1.3.6.1.2.1.1.1.0", b"An OLT | with bars"),
        ("1.3.6.1.2.1.1.2.0", "1.3.6.1.4.1.17409"),
        ("1.3.6.1.2.1.1.3.0", 4711),
        ("1.3.7", 2**64 - 1),
        ("1.3.8", b""),
    ]
    assert session.get(["1.3.1", "1.3.6", "1.3.99"]) == {"1.3.1": -40000}
    assert session.walk("1.3.6.1.2.1.1.1.0") == []
    assert session.simulated


@pytest.mark.parametrize(
    "line", [b"1.3", b"1.3|2", b"1.3|2|x", b"1.x|2|1", b"1.3|99|1", b"1.3|4x|0g", b"1.3|2:numeric|a", b"\xff|2|1"]
)
def test_a_wrong_line_is_named(line: bytes) -> None:
    with pytest.raises(BadFile, match=r"olt\.snmprec: line 2: "):
        parse_recording(b"# head\n" + line + b"\n", "olt.snmprec")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="olt7"):
        load_recording(tmp_path / "olt7.snmprec")


@given(values)
def test_what_is_recorded_is_played_back(known: dict[str, int | bytes | str]) -> None:
    recording = RecordingSession(ReplayedSession(known), simulated=False)
    rows = recording.walk("1")
    assert dict(rows) == known
    again = ReplayedSession(parse_recording(recording.body(), "x"))
    assert again.walk("1") == rows
    assert again.get(known) == known
    assert not recording.simulated


def test_only_what_was_answered_is_recorded() -> None:
    recording = RecordingSession(ReplayedSession({"1.3.1": 1, "1.3.2": 2, "1.4.1": 3}), simulated=True)
    assert recording.get(["1.4.1", "1.4.2"]) == {"1.4.1": 3}
    assert recording.body().splitlines()[1:] == [b"1.4.1|2|3"]


@pytest.mark.parametrize(
    ("name", "root", "count"),
    [
        ("zxa10_c320", "1", 2806),
        ("zxa10_c320", "1.3.6.1.4.1.3902.1012.3.11.4.1.2", 125),
        ("edgeosolt", "1.3.6.1.4.1.41112.1.5.6.2.1.9", 29),
        ("vsolution_v1600d", "1.3.6.1.4.1.37950.1.1.5.12.2.1.8.1.7", 16),
    ],
)
def test_recordings_of_real_devices(shared_data: Callable[[str], Path], name: str, root: str, count: int) -> None:
    """Also lines out of order, and the same object twice, are found: 2,806 different OIDs are in the C320's file."""
    assert len(load_recording(shared_data("olt-snmp") / f"{name}.snmprec").walk(root)) == count
