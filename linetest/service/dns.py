"""Do the name servers of a line answer: each is asked for a name that exists, and for one that cannot."""

import secrets
from statistics import median
from typing import Any

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.model.reading import Measurement, Reading
from linetest.service.access import Access
from linetest.service.dns_settings import DnsSettings
from linetest.service.path import IpPath
from linetest.service.readings import reading
from linetest.service.resolve import Asked, ask, resolve
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.system_path import SystemPath

_NO_ADDRESS = "no-address"
_RIGHT = "right"


def measure(access: Access, path: IpPath, settings: ServiceSettings, _restore: Restore) -> Measurement:
    """Return the readings of every name server: those of the station, else those that the line announces.

    The system's own list may hold those of another interface. One of them that does not answer says nothing.
    """
    named = access.server("dns")
    servers = [one.strip() for one in named.split(",") if one.strip()] if named else list(path.dns_servers)
    name = access.server("name") or settings.dns.name
    elsewhere = path.names.elsewhere if isinstance(path, SystemPath) and not named else frozenset()
    found = [_of_server(path, server, name, settings.dns) for server in servers]
    working = sum(one["failed"] < one["asked"] for one in found)
    readings = [each for one in found for each in _readings(one, is_elsewhere=one["server"] in elsewhere)]
    nothing_said = working == 0 and bool(found) and all(one["server"] in elsewhere for one in found)
    count = None if nothing_said else float(working)
    readings.append(reading("service.dns_working_count", count, {"servers": len(servers)}, Reason.OTHER_INTERFACE))
    return Measurement(
        readings=readings,
        details={"dns": {"name": name, "announced": not named, "servers": found}},
        simulated=path.simulated,
    )


def _of_server(path: IpPath, server: str, name: str, settings: DnsSettings) -> dict[str, Any]:
    try:
        address = resolve(path, server)
    except DeviceError as error:
        asked = [Asked(None, 0.0, error.reason)] * settings.questions
        absent = asked[0]
    else:
        asked = [ask(path, address, name, settings.timeout_s) for _number in range(settings.questions)]
        absent = ask(path, address, f"{secrets.token_hex(10)}.invalid", settings.timeout_s)  # RFC 6761, section 6.4
    outcomes = [_outcome(one) for one in asked]
    times_ms = [1e3 * one.took_s for one, outcome in zip(asked, outcomes, strict=True) if outcome == _RIGHT]
    addresses = sorted({address for one in asked if one.answer for address in one.answer.addresses})
    return {
        "server": server,
        "asked": len(asked),
        "failed": sum(outcome != _RIGHT for outcome in outcomes),
        "outcomes": {outcome: outcomes.count(outcome) for outcome in dict.fromkeys(outcomes)},
        "times_ms": times_ms,
        "addresses": addresses,
        "absent": _outcome(absent),
        "absent_addresses": list(absent.answer.addresses) if absent.answer else [],
        "reason": next((one.reason for one in reversed(asked) if one.reason), None),
    }


def _outcome(asked: Asked) -> str:
    """Return what came of a question for an address: ``right``, a code of the server's, or why there is none."""
    if asked.answer is None:
        return str(asked.reason)
    if asked.answer.code != "NOERROR":
        return asked.answer.code
    return _RIGHT if asked.answer.addresses else _NO_ADDRESS


def _readings(one: dict[str, Any], *, is_elsewhere: bool) -> list[Reading]:
    """Return what one server says of the line: where the system reaches it another way, its silence says nothing."""
    where = {"server": one["server"]}
    if is_elsewhere and one["failed"] == one["asked"]:
        names = ("service.dns_ms", "service.dns_failed_percent", "service.dns_hijack_count")
        return [reading(metric, None, where, Reason.OTHER_INTERFACE) for metric in names]
    times_ms = one["times_ms"]
    took = median(times_ms) if times_ms else None
    slow_reason = None if times_ms else one["reason"] or Reason.REFUSED
    hijack = None if one["absent"] in set(Reason) else float(bool(one["absent_addresses"]))
    return [
        reading("service.dns_ms", took, where, slow_reason),
        reading("service.dns_failed_percent", 100.0 * one["failed"] / one["asked"], where),
        reading("service.dns_hijack_count", hijack, where, None if hijack is not None else one["absent"]),
    ]
