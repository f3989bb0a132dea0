"""Wall time with its offset, for records. Durations come from the monotonic clock, never from here."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment in the machine's time zone, to the second."""
    return datetime.now(UTC).astimezone().replace(microsecond=0)


def now_text() -> str:
    """Return this moment as ISO 8601 with offset."""
    return now().isoformat()
