"""Our NFKC gives what `unicodedata` gives, on the short way through Chinese texts and on the long one."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from archive import nfkc as module
from archive.nfkc import nfkc

#: Characters of both ways, and some that change with their neighbours.
MIXED = "工会，。！：（）…　 \xa0aé.·—“”《》【】①㈠ｶﾞがか\u3099각\u1100\u1161\u0301\u0338<=\ufdfaﬁ"


def test_every_character_alone():
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        assert nfkc(character) == unicodedata.normalize("NFKC", character), hex(code)


def test_no_character_of_the_short_way_changes_with_its_neighbours():
    plain = [chr(code) for code in range(0x10000) if module._PLAIN.fullmatch(chr(code))]
    assert {"，", "工"} < set(plain)
    # Only a character with a combining class, or one that composes with one before it, reaches beyond itself.
    assert not [each for each in plain if unicodedata.combining(each)]
    for before in "a<=>工":
        for each in plain:
            pair = before + each
            assert unicodedata.normalize("NFKC", pair) == nfkc(pair)


@given(st.text(alphabet=MIXED))
def test_texts(text):
    assert nfkc(text) == unicodedata.normalize("NFKC", text)
