"""Is the ONU in service: asked again until it is, or until the deadline has passed."""

import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from linetest.devices.olt import OnuTable
from linetest.devices.olt_open import read_olt
from linetest.devices.olt_provision_read import OnuNow, read_onu
from linetest.devices.olt_provision_shell import ProvisionShell
from linetest.devices.olt_rows import OnuRow
from linetest.errors import DeviceError, UsageError
from linetest.model.codes import Verdict
from linetest.model.judge import judge_all
from linetest.model.metrics import METRICS
from linetest.model.onu_id import OnuId
from linetest.model.profile import LoadedProfile
from linetest.model.reading import Measurement
from linetest.pon.checks import measure
from linetest.pon.settings import settings_of
from linetest.provisioning.wanted import Wanted
from linetest.words.text import _

_LIGHT = ("onu_rx_dbm", "onu_tx_dbm", "olt_rx_dbm")


class Verified(NamedTuple):
    """What was seen at the last look."""

    faults: list[str]
    """What is not as it has to be, in sentences; empty when the ONU is in service."""
    measurement: Measurement
    was_read: bool
    """False when the OLT did not answer: then nobody knows."""


def verify(
    wanted: Wanted, shell: ProvisionShell, onu: OnuId, loaded: LoadedProfile, tell: Callable[[str], None]
) -> Verified:
    """Look at the ONU until it is online and matched and its light is inside the profile's limits, or time is over.

    Args:
        wanted: says what the driver's maker calls matched, and how long to wait.
        shell: asks; a session that is lost is opened again.
        onu: where it is bound.
        loaded: the profile; its required limits on ``pon`` have to be kept.
        tell: hears what is still missing.
    """
    proof = wanted.provision.verify
    ends_at = time.monotonic() + proof.deadline_s
    told = ""
    while True:
        seen = _look(wanted, shell, onu, loaded)
        if not seen.faults or time.monotonic() + proof.every_s > ends_at:
            return seen
        if (now := "; ".join(seen.faults)) != told:
            told = now
            tell(_("waiting: {faults}").format(faults=now))
        time.sleep(proof.every_s)


def _look(wanted: Wanted, shell: ProvisionShell, onu: OnuId, loaded: LoadedProfile) -> Verified:
    try:
        seen = read_onu(wanted.driver, wanted.provision, shell, onu)
    except DeviceError as error:
        shell.close()
        return Verified([error.what], Measurement(readings=[]), was_read=False)
    row = _with_light(wanted, seen.row, onu) if seen.row is not None else None
    table = OnuTable(onus=[row] if row is not None else [])
    measurement = measure(table, onu, settings_of(loaded))
    faults = _state_faults(wanted, seen) or _light_faults(loaded, measurement)  # what is down has no light to tell of
    return Verified(faults, measurement, was_read=True)


def _with_light(wanted: Wanted, row: OnuRow, onu: OnuId) -> OnuRow:
    """Return the ONU with its light from SNMP where the command line tells none and the station knows the way."""
    if not wanted.entry.snmp or row.state.onu_rx_dbm is not None or row.state.run_state != "online":
        return row
    try:
        told = [one.state for one in read_olt(wanted.entry, onu).table.onus if one.state.onu == str(onu)]
    except (DeviceError, UsageError):  # a secret that is not there, too; it stays without light, and says so
        return row
    light = {name: value for state in told for name in _LIGHT if (value := getattr(state, name)) is not None}
    reasons = {name: reason for name, reason in row.state.reasons.items() if name not in light}
    return msgspec.structs.replace(row, state=msgspec.structs.replace(row.state, reasons=reasons, **light))


def _state_faults(wanted: Wanted, seen: OnuNow) -> list[str]:
    if seen.row is None:
        return [_("the OLT tells nothing of it")]
    told = {"run_state": seen.row.state.run_state, **{name: seen.cells.get(name, "") for name in _states(wanted)}}
    asked = {"run_state": "online", **_states(wanted)}
    return [
        _("{state} is {found}, not {wanted}").format(state=name, found=told[name] or "-", wanted=word)
        for name, word in asked.items()
        if str(told[name]).lower() != word.lower()
    ]


def _states(wanted: Wanted) -> dict[str, str]:
    return wanted.provision.verify.states


def _light_faults(loaded: LoadedProfile, measurement: Measurement) -> list[str]:
    """Return what is outside of the profile's limits, or could not be read where a limit is required."""
    limits = [limit for limit in loaded.profile.limit if limit.room == "pon"]
    required = {limit.metric for limit in limits if limit.required}
    return [
        _("{title} ({metric}): {value}").format(
            title=_(METRICS[check.metric].title),
            metric=check.metric,
            value=_("not read") if check.value is None else f"{check.value:.2f} {check.unit}",
        )
        for check in judge_all(limits, measurement.readings)
        if check.verdict is Verdict.FAIL or (check.verdict is Verdict.INCONCLUSIVE and check.metric in required)
    ]
