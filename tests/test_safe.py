"""Text from outside never reaches a terminal, a cell or a file name as it came."""

import json

import pytest

from linetest.safe import safe_cell, safe_file_name, safe_json, safe_text

HOSTILE = "a\x1b]0;x\x07b\x9b2J\u202ec\x7f\n=1"


def test_a_terminal_gets_no_control_characters() -> None:
    assert safe_text(HOSTILE) == "a\\x1b]0;x\\x07b\\x9b2J\\u202ec\\x7f\\x0a=1"


def test_json_says_the_same_without_them() -> None:
    document = {HOSTILE: [HOSTILE, "读数 -18.2"]}
    text = safe_json(json.dumps(document, indent=2, ensure_ascii=False))
    assert json.loads(text) == document
    assert not {"\x1b", "\x9b", "\u202e", "\x7f"} & set(text)
    assert "读数" in text


@pytest.mark.parametrize("start", "=+-@")
def test_a_cell_is_never_a_formula(start: str) -> None:
    assert safe_cell(f"{start}cmd()").startswith("'")


def test_a_file_name_has_no_folders_and_fits() -> None:
    assert "/" not in safe_file_name("../../etc/passwd")
    assert len(safe_file_name("线" * 300).encode()) <= 120
