"""Bring the catalogues up to date: find every sentence, keep the translations, compile.

    .venv/bin/python tests/words/update.py

A sentence without a translation is listed, and `test_catalogue.py` fails until it has one.
"""

import sys
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "linetest"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
LANGUAGES = ("zh",)


def po_path(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return PACKAGE / "words" / "locale" / language / "LC_MESSAGES" / "linetest.po"


def sentences() -> Catalog:
    """Return every sentence of linetest, and click's own, which are shown in the same help pages."""
    template = Catalog(project="linetest", charset="utf-8", fuzzy=False)
    for folder in (PACKAGE, Path(str(click.__file__)).parent):
        for _file, _line, message, _comments, _context in extract_from_dir(
            folder, [("**.py", "python")], keywords=KEYWORDS
        ):
            template.add(message)
    return template


def load(language: str) -> Catalog:
    """Return the catalogue of a language, empty when there is none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="linetest", charset="utf-8", fuzzy=False)
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def main() -> int:
    """Write the catalogues and say what is not translated yet."""
    template = sentences()
    missing = 0
    for language in LANGUAGES:
        catalogue = load(language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            write_po(stream, catalogue, omit_header=False, no_location=True, sort_output=True, width=110)
        with path.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalogue)
        empty = [message.id for message in catalogue if message.id and not any(message.string or ())]
        missing += len(empty)
        for sentence in empty:
            print(f"{language}: not translated: {sentence!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
