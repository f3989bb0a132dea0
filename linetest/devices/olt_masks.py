"""What customers' ONUs log in with, taken out of what an OLT prints before anybody keeps or shows it."""

import re

from linetest.model.onu import mask_loid
from linetest.words.text import _

_LABELLED = re.compile(r"(?im)^(\s*(?:sn )?(?:password|checkcode|loid|key)\s*:[ \t]*)\S.*$")
_INLINE = re.compile(r"(?i)\b(pw|password|passwd|checkcode|checkcode-auth|shared_key|pre-shared-key|key) +\S+")
_HIDDEN = r"\1***"
_SHORTEST_PART = 4  # characters of a secret: fewer say nothing of it


def without_passwords(text: str) -> str:
    """Return a printed page without what follows a label that is that of a password, in a list or in a line."""
    return _INLINE.sub(r"\1 ***", _LABELLED.sub(_HIDDEN, text))


class Masks:
    """The secrets and LOIDs of one order: texts go through here before they are kept, shown or raised."""

    def __init__(self, secrets: list[str], loids: list[str]) -> None:
        self._secrets = secrets
        self._shown = {**{loid: mask_loid(loid) for loid in loids}, **dict.fromkeys(secrets, "«secret»")}

    def reply(self, text: str) -> str:
        """Return what an OLT printed without them; a line that wraps may have a line end inside of them."""
        text = without_passwords(text)
        for hidden, shown in self._shown.items():
            text = re.sub(r"\s*".join(map(re.escape, hidden)), shown, text)
        return text

    def sentence(self, text: str) -> str:
        """Return a sentence that quotes an OLT; where a part of a secret is left in it, it is not told at all."""
        text = self.reply(text)
        for secret in self._secrets:
            size = min(_SHORTEST_PART, len(secret))
            if any(secret[at : at + size] in text for at in range(len(secret) - size + 1)):
                return _("the OLT's words are not told: they quote a secret")
        return text
