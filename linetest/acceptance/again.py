"""Judges a kept record again: its readings by other limits, measured again from the evidence where those ask for it."""

import uuid
from typing import Any

import msgspec

from linetest.acceptance.measure import check_profile, read_by, unmeasured
from linetest.acceptance.records import judge_for, whose_fault
from linetest.acceptance.sweep_record import is_of_a_sweep, measured_again, shortened, without_light
from linetest.catalog import read_profile
from linetest.copper.pair import only_pair
from linetest.copper.settings import settings_of
from linetest.model.clock import now_text
from linetest.model.codes import Reason, Warn
from linetest.model.judge import overall
from linetest.model.limit import Limit
from linetest.model.profile import LoadedProfile
from linetest.model.reading import Measurement, merge_details
from linetest.model.record import ProfileUsed, Record
from linetest.store.opened import Store
from linetest.store.records import load_evidence
from linetest.version import SOFTWARE


def judge_again(store: Store, kept: Record, loaded: LoadedProfile) -> Record:
    """Return what `kept` would be by another profile: a new record, not kept, that names the old one.

    Readings are taken as they are, unless the profile measures something else (another band, another kind of sum,
    other reels): then sweep or traces are measured again from the evidence, and the record says so.
    """
    check_profile(loaded)
    if is_of_a_sweep(kept) and not kept.details["optics"]:
        loaded = without_light(loaded)
    again = {
        room: measured
        for room, measure in (
            ("copper", _copper_again),
            ("otdr", _otdr_again),
            ("epon", _epon_again),
            ("pon", lambda _store, kept, loaded: measured_again(kept, loaded)),
        )
        if (measured := measure(store, kept, loaded)) is not None
    }
    as_they_were = [reading for reading in kept.readings if reading.metric.partition(".")[0] not in again]
    readings = [*as_they_were, *(reading for measured in again.values() for reading in measured.readings)]
    checks = judge_for(kept.kind, loaded, readings, kept.details.get("access"))
    warnings = [*kept.warnings, *(warning for measured in again.values() for warning in measured.warnings)]
    warnings += [Warn.JUDGED_AGAIN, *([Warn.MEASURED_AGAIN] if again else [])]
    details = kept.details | merge_details([measured.details for measured in again.values()])
    judged = msgspec.structs.replace(
        kept,
        id=str(uuid.uuid4()),
        verdict=overall(checks),
        profile=ProfileUsed(name=loaded.profile.name, sha256=loaded.sha256, text=loaded.text),
        software=SOFTWARE,
        chain=None,
        checks=checks,
        readings=readings,
        details=details | whose_fault(details, checks) | {"judged_again": {"record": kept.id, "at": now_text()}},
        warnings=list(dict.fromkeys(warnings)),
    )
    return shortened(judged) if is_of_a_sweep(kept) else judged


def _copper_again(store: Store, kept: Record, loaded: LoadedProfile) -> Measurement | None:
    """Return the copper measurement by the new profile; None where the old readings will do."""
    sweeps = _sweeps_of(kept)
    limits = [limit for limit in loaded.profile.limit if limit.room == "copper"]
    if "tones" in kept.details:
        return _tones_again(store, kept, loaded)
    if sweeps is None or not limits or not _asks_otherwise(kept, loaded, limits):
        return None
    from linetest.copper.binder import read_binder
    from linetest.copper.crosstalk import measure
    from linetest.copper.files import read_sweep
    from linetest.copper.sweep import SweepFile, SweepOptions

    device = _device_of(kept, "copper")
    of_sha256 = {evidence.sha256: evidence for evidence in kept.evidence}
    if any(one["sha256"] not in of_sha256 for one in sweeps):
        return unmeasured(limits, Reason.NOT_DECIDABLE, device, kept.simulated)
    files = [
        SweepFile(
            name=one["name"],
            body=load_evidence(store.home, of_sha256[one["sha256"]]),
            options=msgspec.convert(one["read_options"], SweepOptions),
        )
        for one in sweeps
    ]
    settings, order = settings_of(loaded), kept.details.get("pair_order")
    if order is None:
        sweep = read_sweep(files[0].name, files[0].body, files[0].options or SweepOptions())
    else:
        sweep = read_binder(kept.details["sweep"], files, settings, order)
    measured = measure(sweep, limits, settings)
    pair = kept.details.get("pair")
    return read_by(only_pair(measured, pair) if pair else measured, device)


def _tones_again(store: Store, kept: Record, loaded: LoadedProfile) -> Measurement | None:
    """Return what a modem told, measured by the new profile's settings; None where they are the old ones."""
    old = settings_of(read_profile(kept.profile.text, kept.profile.name)).tones
    new = settings_of(loaded).tones
    if new == old:
        return None
    from linetest.copper.tones import measure
    from linetest.devices.dsl_open import read_saved

    told = kept.details["tones"]
    files = [(evidence.name, load_evidence(store.home, evidence)) for evidence in kept.evidence]
    driver = told["drivers"][0] if len(told["drivers"]) == 1 else None
    measured = measure(read_saved(files, driver, told["if_index"]), new)
    return read_by(measured, _device_of(kept, "copper"))


def _sweeps_of(kept: Record) -> list[dict[str, Any]] | None:
    """Return name, hash and options of each sweep of the record; None without one.

    Records of 0.2.0 and before say only the name, of one file.
    """
    if "sweeps" in kept.details or "read_options" not in kept.details:
        return kept.details.get("sweeps")
    name = kept.details.get("sweep", "")
    sha256 = next((evidence.sha256 for evidence in kept.evidence if evidence.name == name), "")
    return [{"name": name, "sha256": sha256, "read_options": kept.details["read_options"]}]


def _otdr_again(store: Store, kept: Record, loaded: LoadedProfile) -> Measurement | None:
    """Return the traces measured by the new profile's settings; None where they are the old ones.

    What the person said by an option, against the old profile, is true of the trace and stays.
    """
    from linetest.otdr.settings import OtdrSettings, settings_of

    said = kept.details.get("otdr_settings")
    limits = [limit for limit in loaded.profile.limit if limit.room == "otdr"]
    old = msgspec.to_builtins(settings_of(read_profile(kept.profile.text, kept.profile.name)))
    new = msgspec.to_builtins(settings_of(loaded))
    if said is None or not limits or new == old:
        return None
    from linetest.otdr.measure import measure
    from linetest.otdr.shot import read_shots

    wanted = {**new, **{name: value for name, value in said.items() if name in old and value != old[name]}}
    settings = msgspec.convert(wanted, OtdrSettings)
    device = _device_of(kept, "otdr")
    traces = kept.details.get("traces") or [kept.details]
    files = {evidence.sha256: evidence for evidence in kept.evidence}
    ways = {trace["sha256"]: trace["reverse"] for trace in traces}
    if any(sha256 not in files for sha256 in ways):
        return unmeasured(limits, Reason.NOT_DECIDABLE, device, kept.simulated)
    shots = {
        sha256: read_shots(files[sha256].name, load_evidence(store.home, files[sha256]), settings) for sha256 in ways
    }
    forward, reverse = (
        [shot for sha256, is_reverse in ways.items() if is_reverse is way for shot in shots[sha256]]
        for way in (False, True)
    )
    return read_by(measure(forward, settings, reverse), device)


def _epon_again(store: Store, kept: Record, loaded: LoadedProfile) -> Measurement | None:
    """Return the capture audited by the new profile; None where the old readings will do, or are all there is.

    The limits decide which values are culprits and stand in the record, so other limits mean another audit.
    """
    from linetest.epon.measure import Asked, measure_bytes
    from linetest.epon.settings import EponSettings
    from linetest.epon.settings import settings_of as epon_settings_of

    limits = [limit for limit in loaded.profile.limit if limit.room == "epon"]
    captures = [evidence for evidence in kept.evidence if evidence.name == kept.details.get("capture", {}).get("name")]
    if "asked" not in kept.details or not limits or not captures:
        return None
    old = read_profile(kept.profile.text, kept.profile.name)
    asked = msgspec.convert(kept.details["asked"], Asked, strict=False)
    said, new, before = (
        msgspec.to_builtins(one) for one in (asked.settings, epon_settings_of(loaded), epon_settings_of(old))
    )
    wanted = {**new, **{name: value for name, value in said.items() if value != before[name]}}
    if wanted == said and limits == [limit for limit in old.profile.limit if limit.room == "epon"]:
        return None
    asked = msgspec.structs.replace(asked, settings=msgspec.convert(wanted, EponSettings))
    body = load_evidence(store.home, captures[0])
    return read_by(measure_bytes(captures[0].name, body, limits, asked), _device_of(kept, "epon"))


def _device_of(kept: Record, room: str) -> str | None:
    return next((reading.device for reading in kept.readings if reading.metric.startswith(f"{room}.")), None)


def _asks_otherwise(kept: Record, loaded: LoadedProfile, limits: list[Limit]) -> bool:
    """Tell whether the new profile wants something of the sweep that the old one did not."""
    old = read_profile(kept.profile.text, kept.profile.name)
    wanted, had = ({_what(limit) for limit in some} for some in (limits, old.profile.limit))
    return not wanted <= had or settings_of(loaded) != settings_of(old)


def _what(limit: Limit) -> tuple[Any, ...]:
    """Return all of a limit that decides what is measured.

    The bound is a part of it: where a sweep does not cover its band, only what breaks the limit has a value.
    """
    line = tuple(map(tuple, limit.line)) if limit.line else None
    return (
        limit.metric,
        limit.end,
        limit.band_hz,
        line,
        limit.bound,
        limit.log_x,
        limit.min,
        limit.max,
        limit.strict,
    )
