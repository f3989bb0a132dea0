"""What single frames came to: PRE, LLID-3 to LLID-7, GRT-6, ISO, ENC, FEC and COUNT (IEEE 802.3 clauses 64 and 65)."""

from collections import defaultdict
from collections.abc import Iterator

import msgspec
import numpy as np

from linetest.epon.finding import Finding, Outcome, mac_text
from linetest.epon.frames import ABSENT
from linetest.epon.heard import Heard
from linetest.model.codes import Reason


def frames(heard: Heard) -> Iterator[Outcome]:
    """Yield the checks that every single frame is held against."""
    no_preamble = heard.cannot(preamble=True)
    for check in ("PRE-1", "PRE-2", "PRE-3"):
        yield _tallied(heard, check, no_preamble)
    without_fcs = None if heard.source.has_fcs else Reason.NOT_SEEN
    yield _tallied(heard, "PRE-4", Reason.SHORT_SNAP if heard.traffic.counts.cut else without_fcs)
    yield _tallied(heard, "LLID-3", heard.cannot(preamble=True, down=True))
    for check in ("LLID-4", "LLID-5", "LLID-6"):
        yield _tallied(heard, check, heard.cannot(preamble=True, down=True))
    yield _tallied(heard, "LLID-7", heard.cannot(preamble=True, up=True))
    yield _tallied(heard, "GRT-6", heard.cannot(up=True, down=True, preamble=True, clock=True))
    both = heard.cannot(up=True, down=True, preamble=True)
    users = both or (None if heard.traffic.users_seen else Reason.NOT_SEEN)
    yield _from_customers(heard, "ISO-1", users)
    yield _from_customers(heard, "ISO-2", users)
    yield _vlans(heard, users)
    yield _tallied(heard, "ISO-4", users)
    yield from _encryption(heard)
    yield Outcome(check="FEC-1", missing=Reason.NOT_DECIDABLE)
    yield Outcome(check="COUNT", findings=list(_counts(heard)))


def _tallied(heard: Heard, check: str, missing: Reason | None) -> Outcome:
    """Return what was counted; a fault that was seen counts even where the capture cannot rule out others."""
    findings = heard.traffic.tally.findings(check)
    return Outcome(check=check, findings=findings, missing=None if findings else missing)


def _from_customers(heard: Heard, check: str, missing: Reason | None) -> Outcome:
    """Return what was counted by the MACs of customers' devices, with the ONU that each is behind."""
    findings = []
    for found in heard.traffic.tally.findings(check):
        user = found.mac if found.mac is not None else ABSENT
        origin = int(heard.traffic.sides.side_of(np.array([user], np.int64))[0])
        holders = [one.mac for one in heard.registry.periods.get(origin, []) if one.mac is not None]
        more = {"user": mac_text(user), "from_llid": origin}
        findings.append(msgspec.structs.replace(found, mac=holders[-1] if holders else None, more=more))
    return Outcome(check=check, findings=findings, missing=None if findings else missing)


def _vlans(heard: Heard, missing: Reason | None) -> Outcome:
    """ISO-3: VLANs outside of the plan, one VLAN on two LLIDs, and untagged frames."""
    plan = heard.plan
    if plan is None:
        return Outcome(check="ISO-3", missing=missing or Reason.NO_PLAN)
    findings = []
    users: dict[int, set[int]] = defaultdict(set)
    for llid, vid in heard.traffic.isolation.vlans:
        users[vid].add(llid)
    for (llid, vid), seen in sorted(heard.traffic.isolation.vlans.items()):
        macs = [one.mac for one in heard.registry.periods.get(llid, []) if one.mac is not None]
        mac = macs[-1] if macs else None
        allowed = plan.allowed(llid, macs)
        if vid == ABSENT:
            wrong = not plan.untagged
        elif allowed is None:
            wrong = vid not in plan.shared and len(users[vid]) > 1
        else:
            wrong = vid not in allowed
        if wrong:
            more = {"vid": None if vid == ABSENT else vid}
            findings.append(Finding(check="ISO-3", value=1.0, llid=llid, mac=mac, frames=seen, more=more))
    return Outcome(check="ISO-3", findings=findings, missing=missing)


def _encryption(heard: Heard) -> Iterator[Outcome]:
    """ENC-1: the share in clear behind a key; ENC-2: changes of the key."""
    down = heard.cannot(down=True, preamble=True)
    clear, changes = [], []
    for llid, use in sorted(heard.traffic.encryption.llids.items()):
        if (share := use.clear_share_percent) is not None:
            clear.append(Finding(check="ENC-1", value=share, llid=llid, frames=use.clear_frames))
        if use.encrypted:
            changes.append(Finding(check="ENC-2", value=float(use.key_changes), llid=llid))
    yield Outcome(check="ENC-1", findings=clear, missing=down)
    yield Outcome(check="ENC-2", findings=changes, missing=down or (None if changes else Reason.NOT_SEEN))


def _counts(heard: Heard) -> Iterator[Finding]:
    """COUNT: frames of each LLID; all counters are in the record's details."""
    counts = heard.traffic.counts
    for llid in counts.llids():
        every = int(counts.up[llid] + counts.down[llid] + counts.cast[llid] + counts.unknown[llid])
        yield Finding(check="COUNT", value=float(every), llid=llid)
