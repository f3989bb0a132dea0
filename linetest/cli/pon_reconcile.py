"""`linetest pon reconcile`: one link seen by meter, ONU, OLT and OTDR, and which of them does not fit."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import (
    exit_of,
    json_option,
    print_json,
    print_record,
    profile_option,
    standard_options,
    station_option,
)
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.reading import Measurement, Reading
    from linetest.model.record import Record

_DOWN_NM = 1490.0


@click.command(
    "reconcile",
    short_help=_("One link seen by meter, ONU, OLT and OTDR: which does not fit."),
    help=_(
        "Read OLT and ONU, put the level at the socket and the loss of an OTDR beside them, and name the one that does "
        "not fit the others, if one alone explains it. With --line, what is not given comes from the kept records of "
        "that line, and each side is held against what it said when all fitted: that names smaller faults. "
        "Exit 1: one does not fit; 3: too little was told, or nobody can say which.\n\n"
        "Example: linetest pon reconcile olt7 0/1/0:5 --meter-dbm -19.4 --otdr drop.sor"
    ),
)
@click.argument("olt")
@click.argument("onu")
@click.option("--meter-dbm", type=click.FloatRange(-60.0, 20.0), help=_("Level at the socket at 1490 nm."))
@click.option(
    "--otdr",
    "trace",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("A trace of the whole link: SOR."),
)
@click.option("--otdr-loss-db", type=click.FloatRange(0.0, 60.0), help=_("Its loss, in place of a file."))
@click.option("--otdr-nm", type=click.FloatRange(1200.0, 1700.0), help=_("The wavelength of --otdr-loss-db."))
@click.option("--length-m", type=click.FloatRange(0.0, 100_000.0), help=_("To the ONU; else as the OLT ranges it."))
@click.option("--planned-loss-db", type=click.FloatRange(0.0, 60.0), help=_("From the OLT to the socket by the plan."))
@click.option("--line", metavar=_("LINE"), help=_("The line whose kept records fill the gaps."))
@profile_option("reconcile")
@station_option
@json_option
@standard_options
def reconcile(
    olt: str,
    onu: str,
    trace: Path | None,
    line: str | None,
    planned_loss_db: float | None,
    profile_name: str,
    station_file: Path | None,
    as_json: bool,
    **given: float | None,
) -> int:
    """Read, compare, judge, keep, and print the sides beside one another."""
    import msgspec

    from linetest.acceptance.measure import check_profile, measured_onus
    from linetest.acceptance.reconcile import birth_readings, kept_readings, reconciled, settings_of
    from linetest.acceptance.single import judge_and_keep
    from linetest.catalog import load_profile
    from linetest.cli.pon_words import no_such_onu
    from linetest.devices.station import default_station_path, device_for, load_station
    from linetest.model.clock import now_text
    from linetest.model.onu_id import parse_onu_id
    from linetest.pon.settings import PonSettings
    from linetest.store.opened import open_store

    loaded = load_profile(profile_name)
    check_profile(loaded)
    settings = settings_of(loaded)
    if planned_loss_db is not None:
        settings = msgspec.structs.replace(settings, planned_loss_db=planned_loss_db)
    wanted = parse_onu_id(onu)
    if wanted.onu is None:
        raise UsageError(_("{onu} is a port, and a link ends at one ONU").format(onu=wanted), _("write 0/1/0:5"))
    readings = _given(given) + (_of_trace(trace) if trace else [])
    entry = device_for(load_station(station_file or default_station_path()), "olt", olt)
    started_at = now_text()
    told, _technology = measured_onus(entry, wanted, PonSettings())
    if not told.details["onus"]:
        raise no_such_onu(olt, wanted)
    readings += told.readings
    birth: list[Reading] = []
    if line is not None:
        with open_store() as store:
            readings += kept_readings(store.database, line, simulated=told.simulated)
            birth = birth_readings(store.database, line, settings, simulated=told.simulated)
    measurement = _with(reconciled(readings, settings, birth), told, readings)
    record = judge_and_keep(measurement, loaded, "optical", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        _print(record)
    return exit_of(record.verdict)


def _given(given: dict[str, float | None]) -> list["Reading"]:
    """Return what the person typed as readings."""
    from linetest.model.reading import Reading

    if given["otdr_loss_db"] is not None and given["otdr_nm"] is None:
        raise UsageError(_("--otdr-loss-db needs --otdr-nm"), _("write the wavelength of the trace, such as 1310"))
    rows: list[tuple[str, str, float | None, dict[str, Any]]] = [
        ("optical.power_dbm", "dBm", given["meter_dbm"], {"wavelength_nm": _DOWN_NM}),
        ("otdr.link_loss_db", "dB", given["otdr_loss_db"], {"wavelength_nm": given["otdr_nm"]}),
        ("pon.distance_m", "m", given["length_m"], {}),
    ]
    return [
        Reading(metric=metric, value=value, unit=unit, where=where)
        for metric, unit, value, where in rows
        if value is not None
    ]


def _of_trace(trace: Path) -> list["Reading"]:
    from linetest.otdr.measure import measure
    from linetest.otdr.settings import OtdrSettings
    from linetest.otdr.shot import load_shots

    settings = OtdrSettings()
    return measure(load_shots(trace, settings), settings).readings


def _with(answer: "Measurement", told: "Measurement", readings: list["Reading"]) -> "Measurement":
    """Return the answer with the readings that it stands on, and the talk with the OLT."""
    import msgspec

    from linetest.optical.reconcile_readings import WANTED

    used = [reading for reading in readings if reading.metric in WANTED]
    return msgspec.structs.replace(
        answer,
        readings=[*answer.readings, *used],
        evidence=told.evidence,
        warnings=told.warnings,
        simulated=told.simulated,
    )


def _print(record: "Record") -> None:
    from linetest.reports.reconcile_text import render_sides

    click.echo(render_sides(record.details))
    click.echo()
    print_record(record)
