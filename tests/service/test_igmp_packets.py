"""Messages of IGMP, as tshark reads them, and queries that nobody sent in earnest."""

import shutil
import struct
import subprocess
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.service.igmp_packets import Query, belonging, joining, leaving, read_query
from linetest.transports.multicast import Channel

OWN = IPv4Address("10.99.0.20")
ANY, ONE = Channel("239.1.2.3", 5000), Channel("232.1.2.3", 5000, "192.0.2.7")
_IS_IN, _IS_EX, _TO_IN, _TO_EX, _ALLOW, _BLOCK = "123456"


@pytest.mark.peer
def test_what_is_sent_is_what_tshark_reads(need: Callable[[bool, str], None], tmp_path: Path) -> None:
    need(shutil.which("tshark") is not None, "tshark reads the packets")
    made = [message(ANY, 2, OWN) for message in (joining, belonging, leaving)]
    made += [message(channel, 3, OWN) for channel in (ANY, ONE) for message in (joining, belonging, leaving)]
    raw_ip = 101
    file = tmp_path / "igmp.pcap"
    records = [struct.pack("<IIII", 0, 0, len(one.octets), len(one.octets)) + one.octets for one in made]
    file.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, raw_ip) + b"".join(records))
    fields = ("ip.dst", "igmp.type", "igmp.record_type", "igmp.maddr", "igmp.saddr", "igmp.checksum.status")
    beside = ("ip.ttl", "ip.opt.ra", "ip.checksum.status", "ip.src")
    words = [word for one in (*fields, *beside) for word in ("-e", one)]
    done = subprocess.run(
        ["tshark", "-n", "-o", "ip.check_checksum:TRUE", "-r", str(file), "-T", "fields", "-E", "separator=|", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split("|") for line in done.stdout.splitlines()]
    assert [row[: len(fields)] for row in rows] == [
        [ANY.group, "0x16", "", ANY.group, "", "1"],
        [ANY.group, "0x16", "", ANY.group, "", "1"],
        ["224.0.0.2", "0x17", "", ANY.group, "", "1"],
        ["224.0.0.22", "0x22", _TO_EX, ANY.group, "", "1"],
        ["224.0.0.22", "0x22", _IS_EX, ANY.group, "", "1"],
        ["224.0.0.22", "0x22", _TO_IN, ANY.group, "", "1"],
        ["224.0.0.22", "0x22", _ALLOW, ONE.group, ONE.source, "1"],
        ["224.0.0.22", "0x22", _IS_IN, ONE.group, ONE.source, "1"],
        ["224.0.0.22", "0x22", _BLOCK, ONE.group, ONE.source, "1"],
    ]
    assert {tuple(row[len(fields) :]) for row in rows} == {("1", "0", "1", str(OWN))}


def _total(octets: bytes) -> int:
    return sum(struct.unpack(f"!{len(octets) // 2}H", octets))


def query(code: int, group: str = "0.0.0.0", more: bytes = b"") -> bytes:
    body = struct.pack("!BBH4s", 0x11, code, 0, IPv4Address(group).packed) + more
    check = -_total(body) % 0xFFFF
    body = body[:2] + check.to_bytes(2, "big") + body[4:]
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 1, 2, 0, bytes([10, 0, 0, 1]), bytes([224, 0, 0, 1])
    )
    return head[:10] + (-_total(head) % 0xFFFF).to_bytes(2, "big") + head[12:] + body


def test_queries_of_each_version() -> None:
    assert read_query(query(100)) == Query(2, None, (), 10.0, "10.0.0.1")
    assert read_query(query(0)) == Query(2, None, (), 10.0, "10.0.0.1")  # of version 1
    assert read_query(query(10, "239.1.2.3")) == Query(2, "239.1.2.3", (), 1.0, "10.0.0.1")
    assert read_query(query(0x80, more=bytes([2, 125, 0, 0]))) == Query(3, None, (), 12.8, "10.0.0.1")
    assert read_query(query(0xFF, more=bytes([2, 125, 0, 0]))) == Query(3, None, (), 3174.4, "10.0.0.1")
    named = read_query(query(10, "232.1.2.3", bytes([2, 125, 0, 1, 192, 0, 2, 7])))
    assert named == Query(3, "232.1.2.3", ("192.0.2.7",), 1.0, "10.0.0.1")
    more_than_there_are = read_query(query(10, "232.1.2.3", bytes([2, 125, 255, 255, 192, 0, 2, 7, 1, 2])))
    assert more_than_there_are is not None
    assert more_than_there_are.sources == ("192.0.2.7",)


def test_a_damaged_query_is_none() -> None:
    octets = query(100)
    assert read_query(octets[:-1] + b"\1") is None
    assert read_query(octets[:25]) is None


@given(st.binary(max_size=64))
def test_any_octets_can_be_read(octets: bytes) -> None:
    assert read_query(octets) is None or octets[9] == 2
