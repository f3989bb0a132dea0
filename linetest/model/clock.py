"""Wall time with its offset, for records. Durations come from the monotonic clock, never from here."""

import time
from datetime import UTC, datetime


def moment(seconds: float) -> datetime:
    """Return seconds since 1970 as a moment in the machine's time zone, to the second."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().replace(microsecond=0)


def now() -> datetime:
    """Return this moment in the machine's time zone, to the second."""
    return moment(time.time())


def now_text() -> str:
    """Return this moment as ISO 8601 with offset."""
    return now().isoformat()
