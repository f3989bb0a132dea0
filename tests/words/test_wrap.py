"""Lines for a terminal: Chinese breaks between characters, never before a comma, and words stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width

from linetest.words.wrap import wrapped

_SENTENCE = "审查抓包文件（pcap 或 pcapng）：每个 ONU 走到哪一步，由谁终止。"


def test_chinese_fills_the_line_beside_words_of_letters() -> None:
    assert wrapped("查看线路 LINE-1 的记录，再测一次", 16) == ["查看线路 LINE-1", "的记录，再测一次"]
    assert wrapped("默认取 $LINETEST_STATION，其次是配置文件夹", 32) == [
        "默认取 $LINETEST_STATION，其次是",
        "配置文件夹",
    ]


@pytest.mark.parametrize("columns", range(12, 60))
def test_no_line_begins_or_ends_with_the_wrong_mark(columns: int) -> None:
    lines = wrapped(_SENTENCE, columns)
    assert all(line[0] not in "）：，。" and line[-1] != "（" for line in lines), lines
    assert "".join(lines).replace(" ", "") == _SENTENCE.replace(" ", "")
    assert max(map(width, lines)) <= columns


def test_what_stands_in_front_counts() -> None:
    assert wrapped("光功率 太弱", 8, "* ", "  ") == ["* 光功率", "  太弱"]
    assert wrapped("", 8, "* ") == ["* "]


def test_a_word_is_cut_only_where_no_line_holds_it() -> None:
    assert wrapped("ont-srvprofile-id 10", 17) == ["ont-srvprofile-id", "10"]
    assert wrapped("ont-srvprofile", 6) == ["ont-sr", "vprofi", "le"]


@given(st.text(alphabet="ab，。（） 线路-", max_size=60), st.integers(12, 30))
def test_nothing_is_lost(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
