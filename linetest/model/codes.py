"""The codes that stand in records: verdicts, reasons, hints and warnings.

Records keep codes, never sentences, so that an old record prints in either language; the sentences are in
``words/codes.py``. Codes are only added, never renamed: scripts and stored records read them.
"""

from enum import StrEnum


class Verdict(StrEnum):
    """The answer of a check or of a whole record."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


class Reason(StrEnum):
    """Why there is no value, or why the value cannot be judged."""

    OFFLINE = "offline"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    NO_SUCH_OBJECT = "no-such-object"
    UNDER_RANGE = "under-range"
    OVER_RANGE = "over-range"
    NOT_READY = "not-ready"
    STALE = "stale"
    GARBLED = "garbled"
    OUT_OF_WINDOW = "out-of-window"
    WRONG_UNIT = "wrong-unit"
    WRONG_WAVELENGTH = "wrong-wavelength"
    BAND_NOT_COVERED = "band-not-covered"
    TOO_FEW_POINTS = "too-few-points"
    NOT_DECIDABLE = "not-decidable"
    INTERRUPTED = "interrupted"
    NO_PERMISSION = "no-permission"
    UNREADABLE = "unreadable"
    NOT_MEASURED = "not-measured"
    END_NOT_FOUND = "end-not-found"
    NO_READING = "no-reading"
    REEL_NOT_FOUND = "reel-not-found"
    NO_REFLECTION = "no-reflection"
    NO_FIBRE_BESIDE = "no-fibre-beside"
    ONE_DIRECTION = "one-direction"
    COARSE_CLOCK = "coarse-clock"
    NO_PREAMBLE = "no-preamble"
    SHORT_SNAP = "short-snap"
    NOT_SEEN = "not-seen"
    NO_PLAN = "no-plan"
    NO_SYNC = "no-sync"
    UNIT_DOUBTFUL = "unit-doubtful"
    NOT_SAFE = "not-safe"


class Hint(StrEnum):
    """What to try next, beside a check."""

    LOW_LIGHT = "low-light"
    TOO_MUCH_LIGHT = "too-much-light"
    SPLIT_PAIR = "split-pair"
    NEAR_END_CROSSTALK = "near-end-crosstalk"
    FAR_END_CROSSTALK = "far-end-crosstalk"
    CLOSE_TO_LIMIT = "close-to-limit"
    BAD_SPLICE = "bad-splice"
    DIRTY_CONNECTOR = "dirty-connector"
    BENT_FIBRE = "bent-fibre"
    POWER_CUT = "power-cut"
    FIBRE_CUT = "fibre-cut"
    ONU_DOWN = "onu-down"
    NOT_ACCEPTED = "not-accepted"
    SAME_LLID = "same-llid"
    SAME_LOID = "same-loid"
    WRONG_SPLITTER_PORT = "wrong-splitter-port"
    OPEN_SPLICE = "open-splice"
    LARGE_LOSS = "large-loss"
    NOISY_LINE = "noisy-line"
    LONG_LINE = "long-line"
    BRIDGED_TAP = "bridged-tap"
    TONES_TAKEN = "tones-taken"
    WET_PAIR = "wet-pair"
    UNEQUAL_WIRES = "unequal-wires"
    FOREIGN_VOLTAGE = "foreign-voltage"


class Warn(StrEnum):
    """What a reader of the record should know, without a verdict of its own."""

    PSEUDO_TERMINAL = "pseudo-terminal"
    UNSORTED = "unsorted"
    NOT_RECIPROCAL = "not-reciprocal"
    FLOOR_LIMITED = "floor-limited"
    READ_AS_GAIN = "read-as-gain"
    READ_AS_LOSS = "read-as-loss"
    RESUMED = "resumed"
    JUDGED_AGAIN = "judged-again"
    MEASURED_AGAIN = "measured-again"
    INSERTION_LOSS_LOW = "insertion-loss-low"
    TRACE_INCOMPLETE = "trace-incomplete"
    CHECKSUM_MISMATCH = "checksum-mismatch"
    PULSES_DIFFER = "pulses-differ"
    UNIT_DOUBTFUL = "unit-doubtful"
    ENTERED_BY_HAND = "entered-by-hand"
    SAFETY_STOP = "safety-stop"
