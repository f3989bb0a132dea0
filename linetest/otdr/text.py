"""What the bytes of a file's texts mean: the format names no encoding, and each maker takes its own.

The rule looks at all texts of a file together, first match wins, and never fails:

1. only ASCII: nothing to decide;
2. UTF-8, if all of it is valid: text in another encoding practically never is;
3. CP1251, if every word with bytes above 127 is one of Cyrillic letters only, written small, capitalised or in
   capitals, and one with small letters is longer than two;
4. GBK, if all of it is valid and at least half of its characters above ASCII are among the 3755 common ones of
   GB 2312 (level 1): Latin text with accents gives rare characters or none;
5. CP1251, if 3 fits but for the small letters: two Chinese characters can look like four Cyrillic capitals;
6. Latin-1, in which every byte is a character.
"""

import re
from collections.abc import Sequence

_CAPITALS = rb"\xa5\xa8\xaa\xaf\xb2\xc0-\xdf"  # Russian and Ukrainian
_SMALL = rb"\xb3\xb4\xb8\xba\xbf\xe0-\xff"
_WORD = re.compile(rb"[A-Za-z" + _CAPITALS + _SMALL + rb"]+")
_CYRILLIC_WORD = re.compile(rb"[%b]+|[%b]?([%b]+)" % (_CAPITALS, _CAPITALS, _SMALL))
_BESIDE_WORDS = re.compile(rb"[\x00-\x7f\x84\x85\x91-\x97\xa0\xab\xb0\xb9\xbb]*")
"""ASCII, quotation marks, dashes, the degree and the number sign."""
_SHORT_WORD = 2
_MOST_JUDGED = 4096  # bytes or characters, of all texts together: a text without end takes no time without end


def codec_of(texts: Sequence[bytes]) -> str:
    """Return the name of the codec that all `texts` of a file are written in."""
    joined = b"\n".join(texts)
    if joined.isascii():
        return "ascii"
    if _decodes(texts, "utf-8"):
        return "utf-8"
    words = _cyrillic_words(joined[:_MOST_JUDGED])
    if any(len(word[0]) > _SHORT_WORD and word[1] for word in words):
        return "cp1251"
    if _decodes(texts, "gbk") and _is_common_chinese(joined.decode("gbk")[:_MOST_JUDGED]):
        return "gbk"
    return "cp1251" if any(len(word[0]) > _SHORT_WORD for word in words) else "latin-1"


def _decodes(texts: Sequence[bytes], codec: str) -> bool:
    try:
        for text in texts:
            text.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _cyrillic_words(joined: bytes) -> list[re.Match[bytes]]:
    """Return the words above ASCII, each with its small letters as group 1; none if one of them cannot be Cyrillic."""
    words = [_CYRILLIC_WORD.fullmatch(word) for word in _WORD.findall(joined) if not word.isascii()]
    if None in words or not _BESIDE_WORDS.fullmatch(_WORD.sub(b"", joined)):
        return []
    return [word for word in words if word is not None]


def _is_common_chinese(text: str) -> bool:
    high = [character for character in text if not character.isascii()]
    common = sum(b"\xb0" <= character.encode("gbk")[:1] <= b"\xd7" for character in high if _in_gb2312(character))
    return 2 * common >= len(high)


def _in_gb2312(character: str) -> bool:
    return all(byte > 0xA0 for byte in character.encode("gbk"))
