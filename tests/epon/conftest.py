"""Independent programs that judge frames: tshark for preamble, registration and OAM, tcpdump for grants."""

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

Rows = list[dict[str, list[str]]]

TSHARK_FIELDS = (
    "frame.number", "epon.mode", "epon.llid", "epon.checksum", "epon.checksum.status", "epon.dpoe.sec",
    "eth.src", "eth.dst", "eth.fcs.status", "macc.opcode", "macc.timestamp",
    "macc.reg.flags", "macc.regreq.grants", "macc.reg.assignedport", "macc.reg.synctime", "macc.reg.grants",
    "macc.regack.assignedport", "macc.regack.synctime",
    "oampdu.code", "oampdu.flags", "oampdu.info.type", "oampdu.info.oui", "oampdu.info.vendor",
    "oampdu.info.state", "oampdu.info.oamConfig", "oampdu.info.oampduConfig", "oampdu.info.revision",
    "epon.sld_bad.expert", "epon.checksum_bad.expert", "_ws.malformed",
)  # fmt: skip


@pytest.fixture
def pcap_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes frames into a nanosecond pcap file."""

    def write(frames: Iterable[bytes], link_type: int = 259, name: str = "frames.pcap") -> Path:
        parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, link_type)]
        for number, frame in enumerate(frames):
            parts += [struct.pack("<IIII", 1_800_000_000, 1000 * number, len(frame), len(frame)), frame]
        path = tmp_path / name
        path.write_bytes(b"".join(parts))
        return path

    return write


@pytest.fixture
def tshark(need: Callable[[bool, str], None]) -> Callable[..., Rows]:
    """Return a function that asks tshark for the fields of every frame, each with all its occurrences."""
    need(shutil.which("tshark") is not None, "tshark is missing: apt-get install tshark")

    def ask(capture: Path, *, has_fcs: bool = True) -> Rows:
        fcs = "always" if has_fcs else "never"
        done = subprocess.run(
            [
                "tshark", "-n", "-r", str(capture), "-o", f"eth.fcs:{fcs}", "-o", "eth.check_fcs:TRUE", "-T", "fields",
                "-E", "separator=|", "-E", "occurrence=a", "-E", "aggregator=,",
                *(part for field in TSHARK_FIELDS for part in ("-e", field)),
            ],
            capture_output=True, text=True, check=True, timeout=100,
        )  # fmt: skip
        return [
            {
                field: [part for part in column.split(",") if part]
                for field, column in zip(TSHARK_FIELDS, line.split("|"), strict=True)
            }
            for line in done.stdout.splitlines()
        ]

    return ask


@pytest.fixture
def tcpdump(need: Callable[[bool, str], None], tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that has tcpdump print every frame; the preamble is taken off, as it does not know it."""
    need(
        shutil.which("tcpdump") is not None and shutil.which("editcap") is not None,
        "tcpdump or editcap is missing: apt-get install tcpdump wireshark-common",
    )

    def ask(capture: Path, *, lead: int = 7) -> list[str]:
        plain = tmp_path / "plain.pcap"
        subprocess.run(
            ["editcap", "-F", "nsecpcap", "-L", "-C", f"0:{lead}", "-T", "ether", str(capture), str(plain)],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        done = subprocess.run(["tcpdump", "-nvr", str(plain)], capture_output=True, text=True, check=True, timeout=60)
        frames: list[str] = []
        for line in done.stdout.splitlines():
            if line[:1].isspace() and frames:
                frames[-1] += "\n" + line
            else:
                frames.append(line)
        return frames

    return ask
