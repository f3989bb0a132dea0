"""Which encoding the texts of a file are in: the rule of `text`, step by step."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.otdr.sor import read_sor
from linetest.otdr.text import codec_of

Build = Callable[..., bytes]
CYRILLIC = ["Кабель", "КИРОВ", "г. Киров", "ул. Ленина, 5", "узел связи № 3", "після ремонту", "Ёлкино", "ПЕТРОВ И."]
CHINESE = ["深圳市南山区机房", "电信", "上海", "光缆段", "中国联通", "东城—西城", "光纤12号", "王工"]
LATIN = ["Müller", "Größe", "Château d'Eau", "São Paulo", "Åre", "20 µs", "¸", "Peña", "très près", "Übergabe"]

text_of_a_file = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize("word", CYRILLIC)
def test_cyrillic(word: str) -> None:
    assert codec_of([b"EN", word.encode("cp1251"), b"cable 7"]) == "cp1251"


@pytest.mark.parametrize("word", CHINESE)
def test_chinese(word: str) -> None:
    assert codec_of([b"EN", word.encode("gbk"), b"cable 7"]) == "gbk"


@pytest.mark.parametrize("word", LATIN)
def test_latin(word: str) -> None:
    assert codec_of([b"EN", word.encode("latin-1"), b"cable 7"]) == "latin-1"


@pytest.mark.parametrize("words", [CYRILLIC, CHINESE])
def test_all_texts_of_a_file_are_judged_together(words: list[str]) -> None:
    codec = "cp1251" if words is CYRILLIC else "gbk"
    assert codec_of([word.encode(codec) for word in words]) == codec


@given(st.lists(text_of_a_file, max_size=7))
def test_utf_8_is_known_whatever_it_says(texts: list[str]) -> None:
    plain = all(text.isascii() for text in texts)
    assert codec_of([text.encode() for text in texts]) == ("ascii" if plain else "utf-8")


@given(st.lists(st.binary(max_size=12), max_size=7))
def test_any_bytes_have_a_codec(texts: list[bytes]) -> None:
    codec = codec_of(texts)
    assert codec in ("ascii", "utf-8", "cp1251", "gbk", "latin-1")
    if codec != "cp1251":  # which has one byte without a meaning
        assert [text.decode(codec).encode(codec) for text in texts] == texts


@pytest.mark.parametrize(
    ("word", "codec"), [("Кабель", "cp1251"), ("光缆段", "gbk"), ("Größe", "latin-1"), ("Größe 光缆", "utf-8")]
)
@pytest.mark.parametrize("revision", [100, 200])
def test_texts_of_all_blocks_come_back(build_sor: Build, word: str, codec: str, revision: int) -> None:
    raw = word.encode(codec)
    rows = [(1, 0, 0, 0, 0, b"0F9999LS", raw)]
    trace = read_sor("a.sor", build_sor(texts={"a": raw, "b": b"B"}, supplier=raw, rows=rows, revision=revision))
    assert trace.general is not None
    assert trace.supplier is not None
    assert trace.table is not None
    assert (trace.general.location_a, trace.general.location_b) == (word, "B")
    assert trace.supplier.supplier == word
    assert trace.table.events[0].comment == word


@given(text_of_a_file)
def test_a_text_in_utf_8_comes_back(build_sor: Build, text: str) -> None:
    general = read_sor("a.sor", build_sor(texts={"comment": text.encode()})).general
    assert general is not None
    assert general.comment == text


def test_the_real_cyrillic_files_are_known(shared_sor: list[tuple[str, bytes]]) -> None:
    for name, body in shared_sor:
        general = read_sor(name, body).general
        assert general is not None
        texts = general.cable_id + general.location_a + general.location_b + general.operator + general.comment
        letters = {letter for letter in texts if not letter.isascii()}
        if name.startswith("Ravskij"):
            assert letters
            assert all("а" <= letter.lower() <= "ё" for letter in letters)
        else:
            assert len(letters) <= 1, name
