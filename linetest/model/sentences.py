"""The sentences of the codes that stand in records, in English here and in other languages in the catalogue."""

from typing import Any

from linetest.model.codes import Hint, Reason, Verdict, Warn
from linetest.model.sentences_service import SERVICE_HINTS, SERVICE_REASONS
from linetest.words.text import N_, _

_MOST_CHARACTERS = 60  # of a pair's label
_VERDICTS = {
    Verdict.PASS: N_("PASS"),
    Verdict.FAIL: N_("FAIL"),
    Verdict.INCONCLUSIVE: N_("INCONCLUSIVE"),
    Verdict.SKIPPED: N_("skipped"),
}
# What happened, and what to try next.
_REASONS = {
    Reason.OFFLINE: (
        N_("the device is down or cannot be reached"),
        N_("check the cable, the power and the address"),
    ),
    Reason.TIMEOUT: (
        N_("no answer in time"),
        N_("check that the device is on and the right one; then measure again"),
    ),
    Reason.REFUSED: (
        N_("the device refused"),
        N_("read its message in the evidence; check model and driver"),
    ),
    Reason.NO_SUCH_OBJECT: (N_("the device does not know this value"), N_("check model and driver")),
    Reason.UNDER_RANGE: (
        N_("too little light to measure"),
        N_("check that the fibre is plugged in, not broken, and lit"),
    ),
    Reason.OVER_RANGE: (
        N_("too much light to measure"),
        N_("put an attenuator in front of a power meter; give an OTDR a shorter pulse or a lower gain"),
    ),
    Reason.NOT_READY: (N_("the device was not ready"), N_("wait a moment and measure again")),
    Reason.STALE: (
        N_("the device repeated an old value"),
        N_("unplug the fibre and plug it in again; measure again"),
    ),
    Reason.GARBLED: (
        N_("the answer cannot be understood"),
        N_("check cable, speed and driver; measure again"),
    ),
    Reason.OUT_OF_WINDOW: (
        N_("the value is outside what is possible"),
        N_("check unit and driver; measure again"),
    ),
    Reason.WRONG_UNIT: (N_("the device is set to another unit"), N_("set it to dBm and measure again")),
    Reason.WRONG_WAVELENGTH: (
        N_("the device is on another wavelength"),
        N_("set the wavelength on the device, or use one that has it"),
    ),
    Reason.BAND_NOT_COVERED: (
        N_("the sweep does not cover the whole band"),
        N_("sweep the whole band that the profile names"),
    ),
    Reason.TOO_FEW_POINTS: (N_("the sweep has too few points"), N_("sweep again with more points")),
    Reason.NOT_DECIDABLE: (
        N_("this cannot be decided from what was measured"),
        N_("measure what the profile asks for"),
    ),
    Reason.INTERRUPTED: (N_("the measurement was interrupted"), N_("resume the run")),
    Reason.NO_PERMISSION: (N_("permission is missing"), N_("ask for the right that the message names")),
    Reason.UNREADABLE: (N_("the file or the answer cannot be read"), N_("check the file; export it again")),
    Reason.NOT_MEASURED: (N_("this was not measured"), N_("measure it; the profile requires it")),
    Reason.END_NOT_FOUND: (
        N_("the end of the fibre was not found"),
        N_("set a longer range; where the trace ends in noise, a wider pulse or longer averaging"),
    ),
    Reason.NO_FIBRE_BESIDE: (
        N_("there is too little fibre to measure this"),
        N_("see that the fibre is plugged in; measure with a shorter pulse, or with a reel at that end"),
    ),
    Reason.REEL_NOT_FOUND: (
        N_("where the receive reel should begin, there is no connector"),
        N_("check the reel's length and plug; the fibre may be broken before it"),
    ),
    Reason.NO_REFLECTION: (
        N_("the fibre ends there without a reflection"),
        N_("compare its length with the cable: a plug in air reflects, a break often does not"),
    ),
    Reason.NO_READING: (
        N_("the device says that it has no value"),
        N_("see whether the ONU is online; its module may not measure this"),
    ),
    Reason.ONE_DIRECTION: (
        N_("the capture holds one direction only"),
        N_("capture both directions at the OLT's end with one clock"),
    ),
    Reason.COARSE_CLOCK: (
        N_("the capture's clock is too coarse: a microsecond is 62 TQ"),
        N_("let the analyser save nanoseconds"),
    ),
    Reason.NO_PREAMBLE: (
        N_("the capture has no EPON preambles, so no LLIDs"),
        N_("capture with a PON analyser: network cards and mirror ports strip the preamble"),
    ),
    Reason.SHORT_SNAP: (N_("the capture cuts frames short"), N_("capture whole frames, without a snap length")),
    Reason.NOT_SEEN: (
        N_("nothing of this kind is in the capture"),
        N_("capture for longer, or while the ONU registers"),
    ),
    Reason.NO_PLAN: (
        N_("the plan to compare with was not given"),
        N_("name the VLANs of the LLIDs with --vlan-plan"),
    ),
    Reason.NO_SYNC: (
        N_("the modem is not in sync with the exchange"),
        N_("check socket, splitter and cable; read again when the modem has trained"),
    ),
    Reason.UNIT_DOUBTFUL: (
        N_("the device may count whole dB where its table says tenths"),
        N_("compare with the device's own page; no verdict is given on a value that may be wrong by ten"),
    ),
    Reason.BOUND_ONLY: (
        N_("only a bound of the value is known, and the limit lies beyond it"),
        N_("measure in a range that reaches to the limit"),
    ),
    Reason.NOT_SAFE: (
        N_("not measured: there is a dangerous voltage on the pair"),
        N_("do not touch the pair; find and remove the voltage first"),
    ),
    **SERVICE_REASONS,
}
_HINTS = {
    Hint.LOW_LIGHT: N_("clean the connectors, then look for a bend or a bad splice"),
    Hint.TOO_MUCH_LIGHT: N_("check the splitter port; an attenuator may be missing"),
    Hint.LIGHT_FALLS: N_("it gets darker: go there before it fails, and clean or mend what the list names"),
    Hint.DIRTY_METER: N_("the meter alone sees too little: clean its connector and its patch cord, measure again"),
    Hint.WRONG_METER_SETTING: N_(
        "the meter alone sees too much: check its wavelength, its reference, and that it is the right socket"
    ),
    Hint.BAD_ONU: N_("the ONU alone tells this: its own meter or receiver is bad; try another ONU"),
    Hint.WEAK_LASER: N_("only the way back is too dark: the ONU's laser is weak; try another ONU"),
    Hint.OTHER_FIBRE: N_("the trace alone differs: it is of another fibre or port, or ends before the splitter"),
    Hint.BENT_DROP: N_("the trace at the longer wavelength alone shows more loss: look for a bend in the drop"),
    Hint.OTHER_PORT: N_(
        "the OLT's own light does not fit: another port lights this socket, or a bend takes only the way down"
    ),
    Hint.OTHER_ONU: N_("ONU and OLT agree on more light than reaches the socket: the row is of another ONU"),
    Hint.DIRTY_CORD: N_("light is lost between the socket and the ONU: clean the plug, change the patch cord"),
    Hint.SPLIT_PAIR: N_("pairs {pair} and {disturber} stand out together: check both for a split pair"),
    Hint.LOUD_DISTURBER: N_("every pair hears pair {disturber}: look for untwisted or wet wires there"),
    Hint.SHORT_LOOP: N_(
        "so short a loop hardly attenuates far-end crosstalk: measure the whole line; if this is all of it, look for "
        "untwisted or wet wires"
    ),
    Hint.TOO_MANY_DISTURBERS: N_(
        "no single pair is too loud, all together are: put fewer lines into this cable, or take a pair farther away"
    ),
    Hint.WORSE_THAN_MODEL: N_(
        "no single pair is too loud, but 99 of 100 cables do better: look for water, or untwisted wires of all pairs"
    ),
    Hint.NEAR_END_CROSSTALK: N_("look for untwisted or wet wires at the near end; try another pair"),
    Hint.FAR_END_CROSSTALK: N_("look for untwisted or wet wires at the far end; try another pair"),
    Hint.CLOSE_TO_LIMIT: N_("close to the limit, within the accuracy of the measurement"),
    Hint.BAD_SPLICE: N_("look for a bend there; measure from the other end too before the splice is opened"),
    Hint.OPEN_SPLICE: N_("measured from both ends, so it is real: rule out a bend there, then open the splice"),
    Hint.LARGE_LOSS: N_(
        "as much as a splitter loses: where there is none, look for a break, a tight bend or a bad splice"
    ),
    Hint.NOISY_LINE: N_("look for a bad joint, water or a noisy power supply; try without the house wiring"),
    Hint.LONG_LINE: N_("compare with the length of the line: where it is short, look for a bad joint"),
    Hint.BRIDGED_TAP: N_("look for a bridged tap, such as a second socket's wire; take it off and read again"),
    Hint.TONES_TAKEN: N_("tones carry nothing: look for a radio signal, a missing splitter or a bridged tap"),
    Hint.WET_PAIR: N_("look for water, a damaged sheath or a bad joint; change the pair if one is free"),
    Hint.UNEQUAL_WIRES: N_(
        "one wire differs from the other: look for a bad joint or a contact to earth on one of them"
    ),
    Hint.FOREIGN_VOLTAGE: N_("voltage from elsewhere: do not touch the pair, find where it touches another line"),
    Hint.BAD_TAP: N_("check how the tap is connected: it delivers something that is no EPON frame"),
    Hint.BAD_LIGHT: N_("bit errors: measure the light at both ends, clean the connectors"),
    Hint.ROGUE_ONU: N_("an ONU speaks when it may not: unplug ONUs one by one until it stops, replace that one"),
    Hint.OLT_FAULT: N_("the OLT does this: compare its software and settings, report it to its maker"),
    Hint.ONU_FAULT: N_("the ONU does this: update or replace it, report it to its maker"),
    Hint.REFLECTED: N_("frames come back: look for a loop behind an ONU or an OLT that sends them back"),
    Hint.REGISTRATION_FAILS: N_("the ONU does not come through: measure its light, then try another ONU there"),
    Hint.BAD_CLOCK: N_("a clock jumps or drifts: replace the ONU; see that the tap's clock is steady"),
    Hint.TOO_FAR: N_("farther than planned: compare the length of the fibre, or name it with --reach-km"),
    Hint.LATE_REPORTS: N_("the ONU answers late: measure its light, update it, look at the load"),
    Hint.LOST_ONU: N_("the ONU fell silent without a word: check its power, its fibre and its light"),
    Hint.OAM_FAILS: N_("the ends do not keep in touch: restart the ONU, compare the OAM settings of both"),
    Hint.WRONG_DIALECT: N_("the ONU speaks another OAM dialect: it registers and carries nothing; use one for CTC"),
    Hint.SETTING_REFUSED: N_("the ONU did not take a setting: compare it with what this model can do"),
    Hint.NOT_ISOLATED: N_("customers see each other: turn on port isolation at the OLT"),
    Hint.WRONG_VLAN: N_("compare the VLANs of ONU and OLT port with the plan"),
    Hint.NOT_ENCRYPTED: N_("turn on churning at the OLT, and see that the ONU can do it"),
    Hint.DIRTY_CONNECTOR: N_("clean and inspect both connectors there, then measure again"),
    Hint.BENT_FIBRE: N_("look for a tight bend or a squeezed cable there"),
    Hint.POWER_CUT: N_("the ONU told that its power went away: check its socket and its power supply"),
    Hint.FIBRE_CUT: N_("the light went away without a word from the ONU: look for an unplugged or broken fibre"),
    Hint.ONU_DOWN: N_("the OLT does not hear the ONU: check its power, its fibre and whether it is the right one"),
    Hint.NOT_ACCEPTED: N_("the OLT sees the ONU but does not accept it: compare serial, MAC or LOID with the order"),
    Hint.NOT_AS_PLANNED: N_("the OLT is as it was before: the record tells why the plan was not carried out"),
    Hint.SAME_LLID: N_("two ONUs of one port have the same LLID: reset both, then read the OLT again"),
    Hint.SAME_LOID: N_("another ONU uses this LOID; the first one to register keeps the right one out"),
    Hint.WRONG_SPLITTER_PORT: N_("more loss than splitter and distance explain: check port, connectors and bends"),
    **SERVICE_HINTS,
}
_WARNINGS = {
    Warn.CAPTURE_INCOMPLETE: N_("the capture is damaged or cut off: only what comes before was judged"),
    Warn.EVIDENCE_TOO_LARGE: N_("the capture is too large to be kept with the record: keep the file"),
    Warn.ORDINARY_CARD: N_(
        "captured with an ordinary network card, which takes off the preamble, may keep MPCP frames to itself and has "
        "a clock good to microseconds: nothing could be said about LLIDs, grants and timing"
    ),
    Warn.TOO_MANY_REGISTRATIONS: N_(
        "ONUs registered more often than can be judged: only the begin of the capture was; cut it with editcap -A -B"
    ),
    Warn.CAPTURE_STOPPED: N_("the capture ended early: stopped by the person, full, or the interface went down"),
    Warn.PSEUDO_TERMINAL: N_("the serial port was a pseudo-terminal, not a real instrument's"),
    Warn.UNSORTED: N_("the sweep's frequencies were not in order and have been sorted"),
    Warn.NOT_RECIPROCAL: N_("two directions of the same path differ by more than 1 dB: check calibration and cabling"),
    Warn.BEYOND_BAND: N_(
        "the sweep goes far beyond the profile's band, which alone was judged: nothing is said about VDSL"
    ),
    Warn.LOSSES_DIFFER: N_("files that hold the same pair do not agree on its loss: check contacts, sweep again"),
    Warn.FLOOR_LIMITED: N_("the worst value is near the instrument's floor: the true value is that or lower"),
    Warn.READ_AS_GAIN: N_("the columns were read as gain (negative dB)"),
    Warn.READ_AS_LOSS: N_("the columns were read as loss (positive dB)"),
    Warn.RESUMED: N_("the run was interrupted and resumed"),
    Warn.JUDGED_AGAIN: N_("judged again; the kept record is as it was"),
    Warn.MEASURED_AGAIN: N_("measured again from the kept evidence, because the profile asks for something else"),
    Warn.CHECKS_LEFT_OUT: N_("a whole OLT: of the checks that passed, only the nearest to each limit stands here"),
    Warn.INSERTION_LOSS_LOW: N_("the pair's loss is so low that near-end results say little"),
    Warn.TRACE_INCOMPLETE: N_("parts of the trace file are missing or damaged"),
    Warn.CHECKSUM_MISMATCH: N_("the trace file's checksum is wrong: it was changed after it was measured"),
    Warn.UNIT_DOUBTFUL: N_("unit? the margin would be too low for a line in sync: the device seems to count whole dB"),
    Warn.ENTERED_BY_HAND: N_("values were entered by hand, as a person read them from an instrument"),
    Warn.SAFETY_STOP: N_("stopped for safety: dangerous voltage on the pair; nothing else was measured"),
    Warn.SMALL_INTERFACE: N_(
        "two VLAN tags leave less room than PPPoE allows: sudo ip link set INTERFACE mtu 1504 before the MTU is judged"
    ),
    Warn.PULSES_DIFFER: N_("the two traces were measured with different pulse widths: their losses compare less well"),
}


def verdict_words(verdict: str) -> str:
    """Return the word for a verdict."""
    return _word(_VERDICTS, verdict)


def reason_words(reason: str) -> str:
    """Return the sentence for a reason."""
    return _(_REASONS[Reason(reason)][0]) if reason in _REASONS else reason


def reason_advice(reason: str) -> str:
    """Return what to try next after a reason; empty for a code from a newer version."""
    return _(_REASONS[Reason(reason)][1]) if reason in _REASONS else ""


def hint_words(hint: str, where: dict[str, Any] | None = None) -> str:
    """Return the sentence for a hint; some name the pairs of the place `where` it is."""
    if hint not in _HINTS:
        return hint
    pairs = {key: str((where or {}).get(key) or "?")[:_MOST_CHARACTERS] for key in ("pair", "disturber")}
    return _(_HINTS[Hint(hint)]).format(**pairs)


def warning_words(warning: str) -> str:
    """Return the sentence for a warning."""
    return _word(_WARNINGS, warning)


def _word(table: dict, code: str) -> str:  # type: ignore[type-arg]
    """Return the sentence of `code`; a code from a newer version stands for itself."""
    return _(table[code]) if code in table else code
