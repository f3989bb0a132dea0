"""ONUs in words: the table of `pon list` and the page of `pon show`."""

from typing import TYPE_CHECKING

import click

from linetest.model.places import run_state_words
from linetest.model.sentences import reason_words
from linetest.model.values import ABSENT, value_words
from linetest.pon.why_down import why_down_words
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.devices.olt_open import OltReading
    from linetest.devices.olt_rows import OnuRow
    from linetest.model.onu import OnuState

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
_ROW = "{onu:<18} {state:<22} {rx:>11} {tx:>11} {olt_rx:>11} {distance:>9}  {name}"


def print_list(reading: "OltReading") -> None:
    """Print a line for each ONU, those that wait to be let in behind the others, and the ports' own light."""
    table = reading.table
    if table.onus or table.found:
        click.echo(
            _ROW.format(
                onu=_("ONU"),
                state=_("State"),
                rx=_("ONU rx"),
                tx=_("ONU tx"),
                olt_rx=_("OLT rx"),
                distance=_("Distance"),
                name=_("Serial or MAC"),
            ).rstrip()
        )
    for row in table.onus:
        click.echo(_line(row.state, run_state_words(row.state.run_state)))
    for row in table.found:
        click.echo(_line(row.state, _("found, not configured")))
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


def _line(state: "OnuState", words: str) -> str:
    text = _ROW.format(
        onu=state.onu,
        state=words,
        rx=value_words(state.onu_rx_dbm, "dBm"),
        tx=value_words(state.onu_tx_dbm, "dBm"),
        olt_rx=value_words(state.olt_rx_dbm, "dBm"),
        distance=value_words(state.distance_m, "m", 0),
        name=state.serial or state.mac or ABSENT,
    )
    return safe_text(text.rstrip())


def _why(row: "OnuRow", field: str) -> str:
    reason = row.state.reasons.get(field, "")
    words = _("the ONU is down") if reason == "offline" else reason_words(reason)
    raw = row.raw.get(field)
    return _("{reason}; the OLT said {raw!r}").format(reason=words, raw=raw) if raw and reason != "offline" else words
