"""The language of the words on the screen.

`_` translates at the moment of printing; `N_` only marks a sentence of a table, which is translated when it is shown.
The catalogues lie in ``locale/<language>/LC_MESSAGES/linetest.po`` and the ``.mo`` compiled from it. click asks the
same text domain, so its own words (Usage, Options) are in the catalogue too.
"""

import gettext
import locale
import os

LANGUAGES = ("en", "zh")
_DOMAIN = "linetest"
_FOLDER = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120 -- pathlib costs a tenth of the start-up

# gettext's own functions look for the catalogue's file anew for every sentence.
_spoken = gettext.NullTranslations()


def _(sentence: str) -> str:
    """Return a sentence in the language that is spoken now."""
    return _spoken.gettext(sentence)


def ngettext(one: str, many: str, count: int) -> str:
    """Return a sentence about one thing or about several, in the language that is spoken now."""
    return _spoken.ngettext(one, many, count)


def N_(sentence: str) -> str:  # noqa: N802 -- the name gettext's tools look for
    """Mark a sentence for the catalogue and return it unchanged."""
    return sentence


def use_language(language: str) -> None:
    """Speak `language`, one of `LANGUAGES`, from here on."""
    global _spoken
    _spoken = gettext.translation(_DOMAIN, _FOLDER, [language], fallback=True)
    gettext.bindtextdomain(_DOMAIN, _FOLDER)
    gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = language


def language() -> str:
    """Return the language that is spoken now."""
    spoken = os.environ.get("LANGUAGE", "en")
    return spoken if spoken in LANGUAGES else "en"


def language_from_locale() -> str:
    """Return the language of the person's locale: Chinese where it says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"
