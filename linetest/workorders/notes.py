"""The literal notes for the service assurance system for a fault that is handed on: the profile's text, filled."""

from typing import Literal

from linetest.errors import UsageError
from linetest.model.deadlines import Deadlines
from linetest.words.text import _

Team = Literal["cutover", "cable"]
SLOTS: dict[Team, tuple[str, ...]] = {"cutover": ("cabinet", "team", "phone"), "cable": ("cable", "team", "phone")}


def note_text(team: Team, slots: dict[str, str | None], deadlines: Deadlines) -> str:
    """Return the note for that team; the text is the operator's and stays Chinese.

    Raises:
        UsageError: a slot is empty, or holds what would end the line.
    """
    missing = [slot for slot in SLOTS[team] if not (slots.get(slot) or "").strip()]
    if missing:
        raise UsageError(
            _("the note to the customer's order needs: {names}").format(names=", ".join(missing)),
            " ".join(f"--{slot} …" for slot in missing),
        )
    template = deadlines.note.cutover if team == "cutover" else deadlines.note.cable
    return template.format(**{slot: " ".join(str(slots[slot]).split()) for slot in SLOTS[team]})
