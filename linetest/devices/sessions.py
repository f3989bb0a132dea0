"""From a device of the station file to a session that is open: SNMP, a replay of it, or a command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from linetest.devices.driver import Driver
from linetest.devices.station import DeviceEntry
from linetest.errors import UsageError
from linetest.secrets import Secret, read_secret
from linetest.transports.address import BENCH, REPLAY
from linetest.transports.shell import ShellSession
from linetest.transports.snmp_replay import RecordingSession, Tables
from linetest.words.text import _


@contextmanager
def snmp_session(entry: DeviceEntry, driver: Driver) -> Iterator[RecordingSession]:
    """Give a session that keeps what it hears; raises `UsageError` for an address or a secret that is none."""
    with snmp_tables(entry, driver) as session:
        yield RecordingSession(session, simulated=entry.simulated)


@contextmanager
def snmp_tables(entry: DeviceEntry, driver: Driver, ends_at: float = inf) -> Iterator[Tables]:
    """Give a session that keeps nothing, until `ends_at` of `time.monotonic`; raises as `snmp_session`."""
    from linetest.transports.snmp import open_snmp
    from linetest.transports.snmp_replay import load_recording
    from linetest.transports.snmp_target import target_at

    address = (entry.snmp or "").removeprefix(BENCH)
    if address.startswith(REPLAY):
        yield load_recording(Path(address.removeprefix(REPLAY)))
        return
    target = target_at(address, _secrets(entry, ("community", "auth", "priv")))
    with open_snmp(target, deadline_s=driver.timing.deadline_s, ends_at=ends_at) as session:
        yield session


@contextmanager
def shell_session(entry: DeviceEntry, driver: Driver) -> Iterator[ShellSession]:
    """Give a command line that is logged in; raises `UsageError`, and `DeviceError` when nobody answers."""
    from linetest.transports.shell import open_shell
    from linetest.transports.shell_target import shell_at

    if driver.shell is None:
        raise UsageError(
            _("driver {driver}: it has no commands for a shell").format(driver=driver.name),
            _('write snmp = "udp://HOST:161" into [device.{name}]').format(name=entry.name),
        )
    target = shell_at(entry.shell or "", _secrets(entry, ("password", "enable")))
    with open_shell(target, driver.shell, deadline_s=driver.timing.deadline_s) as session:
        yield session


def _secrets(entry: DeviceEntry, names: tuple[str, ...]) -> dict[str, Secret]:
    what = _("device {name}: {secret}")
    return {
        name: read_secret(source, what.format(name=entry.name, secret=name))
        for name, source in entry.secrets.items()
        if name in names
    }
