"""The lexicon: its files are whole, what is wrong in one is named, and a word that is added is understood."""

import importlib.util
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from crawler.extraction import lexicon
from crawler.extraction.labels import read_labels
from crawler.extraction.lexicon import FOLDER, KINDS, LEXICON, LexiconError, any_of, check_patterns, read_lexicon
from crawler.reading import code_files

LABELS = ("source", "date", "author", "correspondent", "editor", "reviewer", "original", "other")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "lexicon", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def tables(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def test_the_files_are_those_that_are_known_and_the_readme_lists():
    files = {path.stem for path in FOLDER.glob("*.toml")}
    assert files == set(KINDS)
    listed = re.findall(r"^\| `(\w+)\.toml` \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(files)


@pytest.mark.parametrize("kind", sorted(LEXICON))
def test_a_kind_lists_each_word_once_and_can_be_compiled(kind: str):
    entries = LEXICON[kind]
    listed = [*entries.words, *entries.patterns]
    assert listed
    assert len(set(listed)) == len(listed)
    compiled = re.compile(any_of(kind))
    assert all(compiled.fullmatch(word) for word in entries.words)


def test_every_kind_is_asked_for_by_name():
    code = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("*.py"))
    by_name = set(re.findall(r"(?:any_of|words_of|finder)\(f?[\"']([\w.]+)[\"']\)", code))
    labels, parts = (
        {f"labels.{kind}" for kind in LABELS},
        {f"headline.{part}" for part in ("kicker", "title", "subtitle")},
    )
    assert by_name | labels | parts == set(LEXICON)


def test_patterns_compile_each_by_itself():
    check_patterns(LEXICON)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_words_stand_in_the_table_of_their_script(name: str):
    for kind, table in tables(name).items():
        for word in table.get("words", []):
            assert not CHINESE.search(word), f"{name}.toml: [{kind}] {word}"
        for language, inner in table.items():
            # Japanese has both.
            if isinstance(inner, dict) and language != "ja":
                words = [*inner.get("words", []), *inner.get("patterns", [])]
                assert all(bool(CHINESE.search(word)) == language.startswith("zh") for word in words), (kind, language)


@pytest.mark.parametrize(
    ("kind", "word"), [(kind, word) for kind in LABELS for word in LEXICON[f"labels.{kind}"].words]
)
def test_every_label_is_read_as_its_kind(kind: str, word: str):
    label = read_labels([f"{word}：甲"])[0]
    assert (label.kind, label.word, label.value) == (kind, word, "甲")


def test_a_label_that_is_added_is_understood(folder: Path, monkeypatch: pytest.MonkeyPatch):
    assert not read_labels(["稿件出自：某报"])
    change(folder / "labels.toml", '"稿件来源"', '"稿件出自", "稿件来源"')
    change(folder / "labels.toml", "[source.en]", '[source.ko]\nwords = ["출처"]\n\n[source.en]')
    monkeypatch.setattr(lexicon, "LEXICON", read_lexicon(folder))
    spec = importlib.util.spec_from_file_location("labels_again", FOLDER.parent / "labels.py")
    labels = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "labels_again", labels)
    spec.loader.exec_module(labels)
    found = labels.read_labels(["稿件出自：某报", "출처: 노동신문"])
    assert [(label.kind, label.value.strip()) for label in found] == [("source", "某报"), ("source", "노동신문")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[source.zh-Hans]", "[sources.zh-Hans]", r"labels\.toml: unknown key 'sources'; use one of source, date"),
        ("words = [", "word = [", r"labels\.toml: \[source\.zh-Hans\]: unknown key 'word'; use one of words, patterns"),
        ("[source.zh-Hans]", "[source.chinese]", r"labels\.toml: \[source\]: unknown key 'chinese'.* zh-Hans"),
        ('"稿件来源"', '"稿件来源", "来源"', r"labels\.toml: \[source\]: '来源' is listed twice; remove"),
        ('"稿件来源"', "1", r"labels\.toml: \[source\.zh-Hans\]: words: give a list such as"),
        ('"稿件来源"', '" "', r"labels\.toml: \[source\.zh-Hans\]: words: give a list such as"),
        ("[source.zh-Hans]", "[source.zh-Hans", r"labels\.toml: .*; mend the TOML there"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(folder: Path, old: str, new: str, message: str):
    change(folder / "labels.toml", old, new)
    with pytest.raises(LexiconError, match=f"^{message}") as caught:
        read_lexicon(folder)
    assert "\n" not in str(caught.value)


def test_a_kind_that_is_gone_is_named(folder: Path):
    change(folder / "section.toml", (folder / "section.toml").read_text(encoding="utf-8"), "[lead.en]\nwords = []\n")
    with pytest.raises(LexiconError, match=r"^section\.toml: \[lead\]: lists nothing"):
        read_lexicon(folder)
    (folder / "section.toml").write_text('[lead.en]\nwords = ["Here"]\n', encoding="utf-8")
    with pytest.raises(LexiconError, match=r"^section\.toml: \[home\]: missing; write \[home\]"):
        read_lexicon(folder)


def test_a_file_that_is_gone_or_unknown_is_named(folder: Path):
    (folder / "section.toml").rename(folder / "sections.toml")
    with pytest.raises(LexiconError, match=r"^sections\.toml: not a file of the lexicon"):
        read_lexicon(folder)
    (folder / "sections.toml").unlink()
    with pytest.raises(LexiconError, match=r"^section\.toml: cannot be read"):
        read_lexicon(folder)


@pytest.mark.parametrize(
    ("pattern", "message"), [("相关(?:新闻", "is no regular expression"), ("(相关)", "has a group")]
)
def test_a_pattern_that_breaks_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, message: str):
    change(folder / "tools.toml", "'Recommended.{0,20}'", f"'{pattern}'")
    broken = read_lexicon(folder)
    with pytest.raises(LexiconError, match=rf"^tools\.toml: \[related\] pattern '.*': {message}"):
        check_patterns(broken)
    if "regular" in message:
        monkeypatch.setattr(lexicon, "LEXICON", broken)
        with pytest.raises(LexiconError, match=r"^tools\.toml: \[related\]"):
            lexicon.compiled("^" + any_of("tools.related"))


def test_a_label_takes_no_patterns(folder: Path, monkeypatch: pytest.MonkeyPatch):
    change(folder / "labels.toml", "[source.en]", "[source.en]\npatterns = ['Sources?']")
    monkeypatch.setattr(lexicon, "LEXICON", read_lexicon(folder))
    with pytest.raises(LexiconError, match=r"^labels\.toml: \[source\] takes no patterns; give every form as a word$"):
        lexicon.words_of("labels.source")


def test_words_are_plain_and_their_blanks_stand_for_any(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        lexicon, "LEXICON", {"tools.tool": lexicon.Entries(("a.b", "See also", "文图", "文"), (r"\d+",))}
    )
    found = re.compile(any_of("tools.tool"))
    assert found.fullmatch("See  \n also")
    assert found.fullmatch("12")
    assert not found.search("aXb")
    assert found.search("文图")[0] == "文图"


def test_a_word_that_is_added_is_a_change_of_the_code_that_articles_are_derived_with():
    """Else an article that is read otherwise today would count as edited by its site."""
    assert set(FOLDER.glob("*.toml")) <= set(code_files())
    assert FOLDER.parent / "reader.py" in code_files()
