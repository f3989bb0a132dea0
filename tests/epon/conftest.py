"""Independent programs that judge frames (tshark for preamble, registration and OAM, tcpdump for grants); cards."""

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

Rows = list[dict[str, list[str]]]
NEAR, FAR = "ltnear0", "ltfar0"

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


@pytest.fixture
def cards(need: Callable[[bool, str], None]) -> Iterator[socket.socket]:
    """Make two cards with a cable between them, and yield a socket that sends into the far one."""
    may = shutil.which("ip") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    made = (
        may
        and not subprocess.run(
            ["ip", "link", "add", NEAR, "type", "veth", "peer", "name", FAR], capture_output=True, check=False
        ).returncode
    )
    need(bool(made), "virtual network cards need root, ip and veth")
    try:
        for card in (NEAR, FAR):
            subprocess.run(["sysctl", "-qw", f"net.ipv6.conf.{card}.disable_ipv6=1"], check=False, capture_output=True)
            subprocess.run(["ip", "link", "set", card, "up"], check=True)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind((FAR, 0))
            yield sender
    finally:
        subprocess.run(["ip", "link", "del", NEAR], check=False, capture_output=True)


def open_sockets() -> list[int]:
    """Return of each packet socket on the near card how many octets wait in it."""
    card = str(socket.if_nametoindex(NEAR))
    rows = [line.split() for line in Path("/proc/net/packet").read_text(encoding="ascii").splitlines()[1:]]
    return [int(row[6]) for row in rows if row[4] == card]


@pytest.fixture
def once_open(cards: socket.socket) -> Iterator[Callable[..., None]]:
    """Yield a function that sends frames once somebody listens, and does something when they are taken."""
    threads: list[threading.Thread] = []

    def wait(is_so: Callable[[list[int]], bool]) -> bool:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if is_so(open_sockets()):
                time.sleep(0.2)  # scapy empties a new socket; a frame that was taken is still to be kept
                return True
            time.sleep(0.02)
        return False

    def act(frames: list[bytes], then: Callable[[], object] | None) -> None:
        if wait(bool):
            for frame in frames:
                cards.send(frame)
            if then is not None and wait(lambda waiting: not any(waiting)):
                then()

    def start(*frames: bytes, then: Callable[[], object] | None = None) -> None:
        threads.append(threading.Thread(target=act, args=(list(frames), then)))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()
