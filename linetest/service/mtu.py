"""The largest packet that goes through in one piece, and whether anybody says so to whoever sends a larger one."""

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.reading import Measurement
from linetest.service.access import Access
from linetest.service.mtu_settings import MtuSettings
from linetest.service.path import IpPath
from linetest.service.readings import not_measured, reading
from linetest.service.resolve import resolve
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings

_METRICS = ("service.mtu_octets", "service.mtu_black_hole_count")
_COMMON = (1492, 1480, 1472, 1454, 1400, 1280)
"""Sizes that paths often have: PPPoE (RFC 2516), tunnels, IPv6's least. They only make the search short."""


def measure(access: Access, path: IpPath, settings: ServiceSettings, _restore: Restore) -> Measurement:
    """Return the path's MTU towards the ``ping`` server, or towards the gateway where the station names none."""
    host = access.server("ping") or path.gateway
    if host is None:
        return not_measured(_METRICS, Reason.NO_SERVER, {}, path)
    where = {"server": host}
    try:
        search = _Search(path, resolve(path, host), settings.mtu)
        found = search.run()
    except DeviceError as error:
        return not_measured(_METRICS, error.reason, where, path, error)
    if found is None:
        return not_measured(_METRICS, Reason.TIMEOUT, where, path)
    silent = found < search.top and not search.told
    values = (float(found), float(silent))
    return Measurement(
        readings=[reading(name, value, where) for name, value in zip(_METRICS, values, strict=True)],
        details={
            "mtu": {
                "server": host,
                "interface_octets": path.mtu,
                "largest_octets": found,
                "told": [{"octets": size, "mtu": mtu} for size, mtu in search.told.items()],
                "tried": [{"octets": size, "passed": passed} for size, passed in search.tried.items()],
            }
        },
        simulated=path.simulated,
    )


class _Search:
    """The search for the largest packet; `tried` and `told` remember what came of each size."""

    def __init__(self, path: IpPath, host: str, settings: MtuSettings) -> None:
        self.top = min(settings.largest, path.mtu)
        self.told: dict[int, int] = {}
        """Sizes that somebody refused aloud, and the MTU that was told; routers of old tell 0 (RFC 1191)."""
        self.tried: dict[int, bool] = {}
        self._path = path
        self._host = host
        self._settings = settings

    def run(self) -> int | None:
        """Return the largest size that passes; None when not even the smallest one is answered."""
        smallest = self._settings.smallest
        if self._passes(self.top):
            return self.top
        if not self._passes(smallest):
            return None
        low, high = smallest, self.top  # low passes, high does not
        while high - low > 1:
            size = self._next(low, high)
            low, high = (size, high) if self._passes(size) else (low, size)
        return low

    def _next(self, low: int, high: int) -> int:
        """Return the next size to try: what a router told, then a common size and the one above it, then the middle."""
        hints = [*self.told.values(), *_COMMON]
        for hint in hints:
            for size in (hint, hint + 1):
                if low < size < high and (size != hint + 1 or low == hint):
                    return size
        return (low + high) // 2

    def _passes(self, size: int) -> bool:
        for _try in range(self._settings.tries):
            answer = self._path.echo(self._host, size, self._settings.timeout_s, dont_fragment=True)
            if answer.too_big_for is not None:
                self.told[size] = answer.too_big_for
                break
            if answer.rtt_s is not None:
                self.tried[size] = True
                return True
        self.tried[size] = False
        return False
