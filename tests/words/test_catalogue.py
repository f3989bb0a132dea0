"""Every sentence a person reads has its Chinese, and the compiled catalogue is the one that is written."""

import gettext
import re
import runpy
from pathlib import Path

import pytest

from linetest.model.codes import Hint, Reason, Verdict, Warn
from linetest.model.sentences import (
    hint_words,
    reason_advice,
    reason_words,
    verdict_words,
    warning_words,
)
from linetest.words.text import use_language

pytest.importorskip("babel", reason="babel, which finds the sentences, is not installed")
TOOL = runpy.run_path(str(Path(__file__).with_name("update.py")))
LANGUAGES = TOOL["LANGUAGES"]
PLACEHOLDER = re.compile(r"\{[a-z_]*(?:![rs])?(?::[^}]*)?\}|%\([a-z_]+\)[sd]")


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    catalogue = TOOL["load"](language)
    missing = [
        message.id
        for message in TOOL["sentences"]()
        if message.id and not (message.id in catalogue and any(_forms(catalogue[message.id].string)))
    ]
    assert not missing, f"run tests/words/update.py and translate: {missing}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_placeholders(language: str) -> None:
    for message in TOOL["load"](language):
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(_forms(message.id)[-1]))
        for form in _forms(message.string):
            assert set(PLACEHOLDER.findall(form)) == wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    with TOOL["po_path"](language).with_suffix(".mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)
    for message in TOOL["load"](language):
        if message.id and isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string, "run tests/words/update.py"


def test_every_code_has_its_sentence_in_chinese() -> None:
    use_language("zh")
    said = [
        *(verdict_words(code) for code in Verdict),
        *(reason_words(code) for code in Reason),
        *(reason_advice(code) for code in Reason),
        *(hint_words(code) for code in Hint),
        *(warning_words(code) for code in Warn),
    ]
    for sentence in said:
        assert re.search(r"[\u4e00-\u9fff]", sentence), sentence
