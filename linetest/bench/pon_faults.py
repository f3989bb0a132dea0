"""The table of what can be wrong on a simulated PON, each with the check that must find it.

Where a rule leaves room, a fault is its plainest meaning:

- A culprit's LLID is the one that the frames bear, so a neighbour's frame has the neighbour's; its MAC is the ONU that
  the frames are about. Of two grants that meet both ONUs are culprits.
- MPCP and OAM stay in clear while users' frames are encrypted.
- An ONU that gets an LLID twice shares no VLAN with its other holder: it sends no users' frames.
- A frame that nobody granted lies in the idle part of a cycle, so that it cannot be taken for one out of a grant.
"""

from linetest.bench.pon_fault import PonFault
from linetest.bench.pon_faults_grants import GRANT_FAULTS
from linetest.bench.pon_faults_llid import LLID_FAULTS
from linetest.bench.pon_faults_mpcp import MPCP_FAULTS
from linetest.bench.pon_faults_oam import OAM_FAULTS
from linetest.bench.pon_faults_users import USER_FAULTS
from linetest.errors import UsageError, nearest
from linetest.words.text import _

PON_FAULTS: dict[str, PonFault] = {
    fault.name: fault for fault in (*LLID_FAULTS, *MPCP_FAULTS, *GRANT_FAULTS, *OAM_FAULTS, *USER_FAULTS)
}


def find_fault(name: str) -> PonFault:
    """Return the fault of that name, or say which there are."""
    if name in PON_FAULTS:
        return PON_FAULTS[name]
    raise UsageError(
        _("there is no fault {name!r}; nearest: {names}").format(name=name, names=nearest(name, list(PON_FAULTS))),
        _("choose one of these"),
    )
