"""What people may call themselves."""
# ruff: noqa: RUF001 - names are written as people write them.

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.members.names import LONGEST, NameNotAcceptable, clean_name


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        pytest.param("Camille", "Camille", id="a plain name stays as it is"),
        pytest.param("  Camille   Durand ", "Camille Durand", id="spaces are trimmed and single"),
        pytest.param("Zoe\u0308", "Zoë", id="letters and accents are composed"),
        pytest.param("Nguyễn Thị Hoà", "Nguyễn Thị Hoà", id="Vietnamese keeps its marks"),
        pytest.param("李小龍", "李小龍", id="Chinese"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="Persian keeps its joiner"),
        pytest.param("Léo 👩\u200d🚀", "Léo 👩\u200d🚀", id="an emoji that is joined"),
        pytest.param("🦊", "🦊", id="a symbol is a name"),
        pytest.param("O’Brien-Łuczak 3.0", "O’Brien-Łuczak 3.0", id="punctuation and digits"),
        pytest.param(
            "<b>Bo</b>", "<b>Bo</b>", id="markup is plain text, and whoever shows it escapes"
        ),
        pytest.param("é" * 60, "é" * 60, id="sixty characters"),
        pytest.param("e\u0301" * 60, "é" * 60, id="sixty characters once composed"),
        pytest.param("a\u00a0b", "a b", id="a hard space is a space"),
    ],
)
def test_a_name_is_kept_clean(raw, kept):
    assert clean_name(raw) == kept


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="only spaces"),
        pytest.param("\u3000\u2003", id="only wide spaces"),
        pytest.param("\u0301\u0301", id="only accents"),
        pytest.param("...", id="only punctuation"),
        pytest.param("\u3164", id="a letter that nobody sees"),
        pytest.param("\u2800", id="a blank braille pattern"),
        pytest.param("a" * 61, id="sixty-one characters"),
        pytest.param("a" * 10_000, id="far too long"),
        pytest.param("Ali\x00ce", id="a NUL"),
        pytest.param("Ali\nce", id="a line break"),
        pytest.param("Ali\tce", id="a tab"),
        pytest.param("Ali\x1b[31mce", id="a terminal's escape"),
        pytest.param("Alice\u2028", id="a line separator"),
        pytest.param("Alice\u202egnp.exe", id="text that turns round"),
        pytest.param("\u2067Alice", id="an isolate that stays open"),
        pytest.param("Al\u200bice", id="a space without width"),
        pytest.param("\ufeffAlice", id="a byte order mark"),
        pytest.param("Al\u00adice", id="a soft hyphen"),
        pytest.param("\u200dAlice", id="a joiner with nothing to join"),
        pytest.param("A\ue000", id="private use"),
        pytest.param("A\ud800", id="half a character"),
        pytest.param("Z" + "\u0337" * 12 + "algo", id="a tower of accents"),
    ],
)
def test_a_name_is_refused(raw):
    with pytest.raises(NameNotAcceptable, match="has "):
        clean_name(raw)


@given(st.text(max_size=80))
def test_cleaning_again_changes_nothing(raw):
    try:
        once = clean_name(raw)
    except NameNotAcceptable:
        return
    assert clean_name(once) == once
    assert 1 <= len(once) <= LONGEST
