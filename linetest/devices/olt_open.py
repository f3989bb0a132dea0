"""From an OLT of the station file to what it says of its ONUs, with the evidence."""

import msgspec

from linetest import catalog
from linetest.devices.driver import Driver
from linetest.devices.driver_file import load_driver
from linetest.devices.olt import OnuTable, read_onus
from linetest.devices.olt_detect import describe, detect
from linetest.devices.olt_driver import OltDriver
from linetest.devices.olt_masks import without_passwords
from linetest.devices.olt_shell import read_onus_by_shell
from linetest.devices.scale_codecs import as_text
from linetest.devices.sessions import shell_session, snmp_session
from linetest.devices.station import DeviceEntry
from linetest.errors import UsageError
from linetest.model.onu import Technology, mask_loid
from linetest.model.onu_id import OnuId
from linetest.model.reading import EvidenceFile
from linetest.safe import safe_file_name
from linetest.transports.snmp_replay import Tables
from linetest.words.text import _

_NEIGHBOURS = frozenset({"run_state", "serial", "mac", "llid", "loid"})
"""What has to be known of the other ONUs to find the same LLID or LOID twice."""


class OltReading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read at one go."""

    driver: str
    """The driver that read it: the one that was found where the station leaves it open."""
    technology: Technology
    """Of the first table that the driver has."""
    table: OnuTable
    others: OnuTable = OnuTable()
    """Identities of all ONUs of the OLT, without optics; empty unless asked for."""
    evidence: list[EvidenceFile] = []
    simulated: bool = False


def read_olt(entry: DeviceEntry, wanted: OnuId | None, *, with_others: bool = False) -> OltReading:
    """Read the OLT of a station entry: over SNMP where it has an address for that, else over its shell.

    Args:
        entry: The OLT.
        wanted: Only this ONU, or the ONUs of this port; all when None.
        with_others: Also who the other ONUs are, as far as the tables tell LLIDs or LOIDs.

    Raises:
        UsageError: the entry has no address, or its secrets are not where it says.
        DeviceError: nothing could be read; it carries the reason.
    """
    if entry.snmp:
        return _over_snmp(entry, wanted, with_others)
    if entry.shell:
        return _over_shell(entry, wanted)
    raise _no_address(entry)


def identify(entry: DeviceEntry) -> str:
    """Return what the OLT says that it is, and the driver that fits; raises as `read_olt`."""
    driver = load_driver(entry.driver)
    if entry.snmp:
        with snmp_session(entry, driver) as session:
            return f"{describe(session)[1]} ({detect(session)})"
    if entry.shell:
        with shell_session(entry, driver):
            return entry.shell
    raise _no_address(entry)


def _over_snmp(entry: DeviceEntry, wanted: OnuId | None, with_others: bool) -> OltReading:
    driver = load_driver(entry.driver)
    with snmp_session(entry, driver) as session:
        driver = fitting(driver, session)
        olt = driver.olt or OltDriver()
        table = read_onus(olt, session, wanted)
        tells = any(field in one.column for one in olt.table for field in ("llid", "loid"))
        others = read_onus(olt, session, fields=_NEIGHBOURS) if with_others and tells else OnuTable()
        return OltReading(
            driver=driver.name,
            technology=technology_of(olt),
            table=table,
            others=others,
            evidence=[evidence_of(entry, "snmprec", _without_loids(session.body(), [table, others]))],
            simulated=entry.simulated,
        )


def evidence_of(entry: DeviceEntry, ending: str, body: bytes) -> EvidenceFile:
    """Return what an OLT answered as a file of evidence, named after its entry."""
    return EvidenceFile(
        name=f"{safe_file_name(entry.name or entry.driver)}.{ending}", media_type="text/plain", body=body
    )


def _without_loids(body: bytes, tables: list[OnuTable]) -> bytes:
    """Return a recording whose LOIDs show no more than anything else does: they are as good as passwords."""
    rows = [row for table in tables for row in (*table.onus, *table.found)]
    loids = {row.loid.reveal() for row in rows if row.loid}
    return b"".join(_masked(line, loids) for line in body.splitlines(keepends=True))


def _masked(line: bytes, loids: set[str]) -> bytes:
    oid, _bar, kind_and_value = line.rstrip(b"\n").partition(b"|")
    kind, _bar, value = kind_and_value.partition(b"|")
    text = as_text(bytes.fromhex(value.decode("ascii")) if kind == b"4x" else value)
    return oid + b"|4|" + mask_loid(text).encode() + b"\n" if kind in (b"4", b"4x") and text in loids else line


def _over_shell(entry: DeviceEntry, wanted: OnuId | None) -> OltReading:
    driver = load_driver(entry.driver)
    olt = driver.olt or OltDriver()
    said: list[str] = []
    with shell_session(entry, driver) as session:
        table = read_onus_by_shell(
            olt,
            catalog.driver_folder(driver.name),
            session,
            wanted,
            lambda command, text: said.append(f"> {command}\n{without_passwords(text)}\n"),
        )
    return OltReading(
        driver=driver.name,
        technology=technology_of(olt),
        table=table,
        evidence=[evidence_of(entry, "txt", "".join(said).encode())],
        simulated=entry.simulated,
    )


def technology_of(olt: OltDriver) -> Technology:
    """Return the technology of the first table or command of a driver."""
    told: list[Technology] = [*(one.technology for one in olt.table), *(one.technology for one in olt.command.values())]
    return told[0] if told else "gpon"


def fitting(driver: Driver, session: Tables) -> Driver:
    """Return the driver, or the one that is found where it leaves that open."""
    if driver.olt is not None and (driver.olt.table or driver.olt.command):
        return driver
    return load_driver(detect(session))


def _no_address(entry: DeviceEntry) -> UsageError:
    return UsageError(
        _("device {name}: an OLT needs an address").format(name=entry.name),
        _('write snmp = "udp://HOST:161" or shell = "ssh://USER@HOST" into its table'),
    )
