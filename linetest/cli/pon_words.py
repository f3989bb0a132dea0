"""ONUs in words: the table of `pon list` and the page of `pon show`."""

from typing import TYPE_CHECKING

import click

from linetest.errors import DeviceError
from linetest.model.places import run_state_words
from linetest.model.sentences import reason_words
from linetest.model.values import ABSENT, fixed_number, value_words
from linetest.pon.why_down import why_down_words
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.devices.olt_open import OltReading
    from linetest.devices.olt_rows import OnuRow
    from linetest.model.onu import OnuState
    from linetest.model.onu_id import OnuId

_LINES = (
    ("serial", N_("Serial"), ""),
    ("mac", N_("MAC"), ""),
    ("loid", N_("LOID"), ""),
    ("llid", N_("LLID"), ""),
    ("onu_rx_dbm", N_("Light at the ONU"), "dBm"),
    ("onu_tx_dbm", N_("Light from the ONU"), "dBm"),
    ("olt_rx_dbm", N_("Light at the OLT"), "dBm"),
    ("distance_m", N_("Distance"), "m"),
    ("rtt_tq", N_("Round-trip time"), "TQ"),
    ("temperature_c", N_("Temperature"), "°C"),
    ("voltage_v", N_("Voltage"), "V"),
    ("bias_ma", N_("Bias current"), "mA"),
    ("uptime_s", N_("Online for"), "s"),
)
_WIDTH = 80


def print_list(reading: "OltReading") -> None:
    """Print a line for each ONU, those that wait to be let in behind the others, and the ports' own light."""
    from linetest.reports.trace_text import columns

    table = reading.table
    head = (_("ONU"), _("State"), _("ONU rx"), _("ONU tx"), _("OLT rx"), _("Distance"), _("Serial or MAC"))
    rows = [_cells(row.state, run_state_words(row.state.run_state)) for row in table.onus]
    rows += [_cells(row.state, _("not configured")) for row in table.found]
    if rows:
        for line in columns([head, *rows], (0, 1, 6), _WIDTH):
            click.echo(line)
        click.echo(_("Light in dBm, distance in metres."))
    for port in table.ports:
        sent, received = value_words(port.tx_dbm, "dBm"), value_words(port.rx_dbm, "dBm")
        click.echo(
            safe_text(
                _("Port {port}: sends {sent}, receives {received}").format(port=port.port, sent=sent, received=received)
            )
        )
    if not table.onus:
        click.echo(_("No ONU is configured here."))


def print_onu(row: "OnuRow") -> None:
    """Print all that is known of an ONU; what is not, with its reason and what the OLT said instead."""
    state = row.state
    click.echo(safe_text(_("ONU {onu}: {state}").format(onu=state.onu, state=run_state_words(state.run_state))))
    if sentence := why_down_words(state):
        click.echo(safe_text("  " + sentence))
    if state.last_down_cause is not None:
        click.echo(safe_text("  " + _("{title}: {value}").format(title=_("Last down"), value=state.last_down_cause)))
    for field, title, unit in _LINES:
        value = getattr(state, field)
        words = value if isinstance(value, str) else value_words(value, unit)
        if value is None:
            words = f"{ABSENT}  ({_why(row, field)})"
        click.echo(safe_text("  " + _("{title}: {value}").format(title=_(title), value=words)))


def _cells(state: "OnuState", words: str) -> tuple[str, ...]:
    light = (state.onu_rx_dbm, state.onu_tx_dbm, state.olt_rx_dbm)
    return (
        safe_text(state.onu),
        words,
        *(ABSENT if power_dbm is None else fixed_number(power_dbm, 2) for power_dbm in light),
        ABSENT if state.distance_m is None else fixed_number(state.distance_m, 0),
        safe_text(state.serial or state.mac or ABSENT),
    )


def _why(row: "OnuRow", field: str) -> str:
    reason = row.state.reasons.get(field, "")
    words = _("the ONU is down") if reason == "offline" else reason_words(reason)
    raw = row.raw.get(field)
    return _("{reason}; the OLT said {raw!r}").format(reason=words, raw=raw) if raw and reason != "offline" else words


def no_such_onu(olt: str, wanted: "OnuId | None") -> DeviceError:
    """Return the refusal of an ONU that the OLT does not know."""
    return DeviceError(
        _("{olt}: there is no ONU {onu}").format(olt=olt, onu=wanted),
        _("`linetest pon list {olt}` lists the ONUs that it has").format(olt=olt),
        reason="no-such-object",
    )
