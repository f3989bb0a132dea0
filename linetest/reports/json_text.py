"""A record as JSON that people can read and programs can compare: sorted keys, two spaces, UTF-8."""

import msgspec

from linetest.model.record import Record
from linetest.safe import safe_json


def render_json(record: Record) -> str:
    """Return the record as indented JSON with sorted keys and a newline at the end."""
    return safe_json(msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=2).decode()) + "\n"
