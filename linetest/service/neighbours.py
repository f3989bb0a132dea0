"""Others at the same wire who have the laptop's own address: asked by ARP, as RFC 5227 section 2.1.1 probes."""

from contextlib import closing

from linetest.errors import DeviceError
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading
from linetest.service.access import Access
from linetest.service.host_arp import who_has
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.transports.frames import open_link, read_tags

_METRIC = "service.duplicate_address_count"


def measure(access: Access, path: IpPath, settings: ServiceSettings, _restore: Restore) -> Measurement:
    """Ask the wire who has the address of `path`; a session of PPPoE has no neighbours, so nothing is asked there."""
    if path.how == "pppoe":
        return Measurement(readings=[])
    macs: list[str] = []
    reason = None
    try:
        with closing(open_link(access.address, read_tags(access.tags))) as link:
            macs = [
                mac.hex(":") for mac in who_has(link, path.address, settings.neighbours.listen_s) if mac != link.mac
            ]
    except DeviceError as error:
        reason = error.reason
    reading = Reading(
        metric=_METRIC,
        value=float(len(macs)) if reason is None else None,
        unit=METRICS[_METRIC].unit,
        where={"others": macs} if macs else {},
        reason=reason,
    )
    return Measurement(readings=[reading], simulated=path.simulated)
