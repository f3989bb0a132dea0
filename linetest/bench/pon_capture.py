"""Simulated captures of a PON at the OLT's end, with exact truth: pcap and pcapng, link type 259 or plain Ethernet.

After the public descriptions of both formats (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).

The plan of VLANs that goes with a capture is TOML, and names what each ONU may use::

    shared = [4000]                     # allowed on every LLID, for example television

    [llid]
    "1" = [101]                         # VLANs of whoever has LLID 1

    [mac]
    "00:25:9e:30:00:02" = [102]         # VLANs of this ONU, whatever its LLID
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from linetest.bench import pon_frames as wire
from linetest.bench.pon_faults import find_fault
from linetest.bench.pon_plant import OLT, SHARED_VID, TQ_PER_S, PonOnu, olt_clock, plant
from linetest.bench.pon_sent import Plot, Sent
from linetest.bench.pon_story import CYCLE_TQ, tell
from linetest.bench.pon_truth import Numbers, PonTruth, by_meaning, capture_time_ns, count, mac_text, true_onu
from linetest.errors import UsageError
from linetest.words.text import _

EPON_LINK_TYPE, ETHERNET_LINK_TYPE = 259, 1
SECONDS = 5.0
"""How long the story is: all of it."""
MOST_ONUS = 64
_NO_SNAP = 65_535


@dataclass(frozen=True, kw_only=True)
class CaptureForm:
    """How a capture is written."""

    container: Literal["pcap", "pcapng"] = "pcap"
    nanosecond: bool = True
    """Else in microseconds, cut off."""
    big_endian: bool = False
    fcs: bool = True
    """The frames end with their FCS; pcapng says so in its header, pcap does not."""
    lead: Literal[0, 6, 7, 8] = 7
    """Octets of preamble; 0 leaves it out, and the link type is Ethernet."""
    direction: Literal["both", "up", "down"] = "both"
    snap_length: int | None = None
    """Octets kept of each frame, preamble included."""


@dataclass(frozen=True, kw_only=True)
class PonCapture:
    """A capture and what goes with it."""

    body: bytes
    truth: PonTruth
    vlan_plan: str
    """TOML."""


def make_capture(
    fault: str | None = None,
    *,
    seed: int = 1,
    onus: int = 4,
    seconds: float = SECONDS,
    form: CaptureForm = CaptureForm(),
) -> PonCapture:
    """Return a capture, the same for the same arguments.

    Args:
        fault: a name from `pon_faults.PON_FAULTS`; None when all is good.
        seed: decides distances, waits and what users send.
        onus: how many, 1 to 64.
        seconds: how long; a fault needs the whole of the story.
        form: how to write it.

    Raises:
        UsageError: there is no such fault, or a fault is asked for in too small a story.
    """
    is_small = onus < 4 or seconds < SECONDS
    if not 1 <= onus <= MOST_ONUS or (fault and is_small):
        raise UsageError(
            _("a simulated PON has 1 to {most} ONUs; for a fault at least 4, and {seconds:g} s").format(
                most=MOST_ONUS, seconds=SECONDS
            ),
            _("choose other numbers"),
        )
    wrong = find_fault(fault) if fault else None
    plot = Plot(onus=plant(onus, seed), cycles=round(seconds * TQ_PER_S / CYCLE_TQ), random_seed=seed)
    story = tell(wrong.plot(plot) if wrong else plot)
    found = wrong.spoil(story) if wrong else None
    sent = tuple(
        frame
        for frame in sorted(story.frames, key=lambda frame: frame.at_tq)
        if form.direction == "both" or frame.up == (form.direction == "up")
    )
    numbers = Numbers(sent)
    truth = PonTruth(
        olt=mac_text(OLT),
        onus=tuple(true_onu(onu, story.sessions, numbers) for onu in story.plot.onus),
        sent=sent,
        windows=tuple(story.windows),
        frames=by_meaning(sent),
        counts=count(story, sent),
        expected=wrong.expected(found, numbers) if wrong and found is not None else None,
    )
    return PonCapture(body=_write(sent, form, seed), truth=truth, vlan_plan=_vlan_plan(plot.onus))


def _vlan_plan(onus: tuple[PonOnu, ...]) -> str:
    """Return the plan; every other ONU is named by its MAC."""
    lines = [f"shared = [{SHARED_VID}]", "", "[llid]"]
    lines += [f'"{onu.llid}" = [{onu.vid}]' for onu in onus if onu.number % 2]
    lines += ["", "[mac]"]
    lines += [f'"{mac_text(onu.mac)}" = [{onu.vid}]' for onu in onus if onu.number % 2 == 0]
    return "\n".join(lines) + "\n"


def octets_of(sent: Sent, form: CaptureForm, random: Random) -> bytes:
    """Return a frame as it is on the wire; `random` is the stream that encrypts."""
    body = sent.frame
    if sent.lag_tq is not None:
        body = wire.stamped(body, olt_clock(sent.at_tq - sent.lag_tq))
    check = wire.fcs(body)
    if sent.damage == "fcs":
        check = bytes((check[0] ^ 0x10,)) + check[1:]
    body += check
    if sent.key is not None:
        churn = int.from_bytes(random.randbytes(len(body)), "big")
        body = (int.from_bytes(body, "big") ^ churn).to_bytes(len(body), "big")
    if not form.fcs:
        body = body[:-4]
    return _preamble(sent, form.lead) + body if form.lead else body


def _preamble(sent: Sent, lead: int) -> bytes:
    security = wire.CLEAR if sent.key is None else wire.CHURNED | sent.key
    if sent.damage == "security":
        security = 0x15
    return wire.preamble(
        sent.llid,
        sent.mode,
        lead=lead,
        security=security,
        sld=0x5D if sent.damage == "sld" else 0xD5,
        flip=0x40 if sent.damage == "crc8" else 0,
    )


def _write(sent: tuple[Sent, ...], form: CaptureForm, seed: int) -> bytes:
    end = ">" if form.big_endian else "<"
    head, record = (_pcap if form.container == "pcap" else _pcapng)(form, end)
    random = Random(seed)
    parts = [head]
    for frame in sent:
        octets = octets_of(frame, form, random)
        kept = octets[: form.snap_length]
        parts.append(record(capture_time_ns(frame.at_tq), kept, len(octets)))
    return b"".join(parts)


Record = Callable[[int, bytes, int], bytes]
"""Takes time in ns, what is kept of a frame, and how long it was."""


def _pcap(form: CaptureForm, end: str) -> tuple[bytes, Record]:
    magic = 0xA1B23C4D if form.nanosecond else 0xA1B2C3D4
    head = struct.pack(f"{end}IHHiIII", magic, 2, 4, 0, 0, form.snap_length or _NO_SNAP, _link_type(form))
    packed = struct.Struct(f"{end}IIII")
    tick_ns = 1 if form.nanosecond else 1000

    def record(time_ns: int, kept: bytes, length: int) -> bytes:
        second, rest_ns = divmod(time_ns, 1_000_000_000)
        return packed.pack(second, rest_ns // tick_ns, len(kept), length) + kept

    return head, record


def _pcapng(form: CaptureForm, end: str) -> tuple[bytes, Record]:
    section = struct.pack(f"{end}IHHq", 0x1A2B3C4D, 1, 0, -1)
    options = struct.pack(f"{end}HHB3x", 9, 1, 9 if form.nanosecond else 6)
    options += struct.pack(f"{end}HHB3x", 13, 1, 4 if form.fcs else 0) + struct.pack(f"{end}HH", 0, 0)
    interface = struct.pack(f"{end}HHI", _link_type(form), 0, form.snap_length or 0) + options
    tick_ns = 1 if form.nanosecond else 1000

    def block(kind: int, body: bytes) -> bytes:
        size = struct.pack(f"{end}I", 12 + len(body))
        return struct.pack(f"{end}I", kind) + size + body + size

    def record(time_ns: int, kept: bytes, length: int) -> bytes:
        ticks = time_ns // tick_ns
        head = struct.pack(f"{end}IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(kept), length)
        return block(6, head + kept + bytes(-len(kept) % 4))

    return block(0x0A0D0D0A, section) + block(1, interface), record


def _link_type(form: CaptureForm) -> int:
    return EPON_LINK_TYPE if form.lead else ETHERNET_LINK_TYPE
