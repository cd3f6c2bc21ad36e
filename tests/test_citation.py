"""Citations: what each format says, what stays absent, and that other readers get hostile texts back whole."""

import io
import json
import re

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import SeparateCoAuthors
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from filled import article, filled, reading
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from archive.article import EXPORTED, to_json
from archive.citing import FORMATS, Cited, bibtex, citer, csl, csl_json, gbt7714, ris, site_names, writers
from archive.plain import plain

CITED = Cited("城南工运档案", "城南区总工会", "Chengnan Federation", "https://archive.example.org/article/0123")
DIGEST = "sha256:" + "B4" * 26
NOTE = "存档：城南工运档案，2025-03-01T23:30:00Z；文章 SHA-256：{sha256}；网页校验值：" + DIGEST
KEPT = {"fetched_at": "2025-03-01T23:30:00Z", "captures": [{"digest": "sha256:OLD"}, {"digest": DIGEST}]}

#: Titles and names as they may stand on a page that means harm, or was just written so.
HOSTILE = {
    "BibTeX entry": "开班},\n@misc{evil, title={x}}",
    "BibTeX field": '开班}}, note = {{evil}}, x = "',
    "BibTeX braces": "a } b { c }} d {{ e \\} f \\{",
    "BibTeX string": "@string{a = {b}} @comment{ @preamble",
    "backslash at the end": "开班\\",
    "TeX commands": r"\input{/etc/passwd} \write18{rm} \\ \end{document}",
    "special characters": "100% #1 & $5 _under_ ~tilde~ ^caret^ <a|b>",
    "quotes": "\"double\" 'single' “弯” ‘引’ 「角」",
    "RIS end": "开班\nER  - \n\nTY  - JOUR\nTI  - evil",
    "RIS by other line ends": "a\rER  - \x0bTY  - x\x0cAU  - y\x1cER  - \x85ER  - \u2028ER  - \u2029TI  - z",
    "RIS in one line": "TI  - x ER  - ",
    "JSON": '"}], "title": "evil", [{"',
    "note field of citeproc": "{:title: evil}\ntitle: evil",
    "HTML": "<script>alert(1)</script><b onclick=x>粗</b> &amp; &lt;",
    "template": "{{ 7*7 }} {% x %} ${x} #{x} %(x)s {0}",
    "formula": '=HYPERLINK("http://x.example/","开班")',
    "bidi controls": "发票\u202egpj\u2066.exe\u200f",
    "controls": "\x1b]0;evil\x07\x1b[2J红\x00\x9b31m",
    "hidden characters": "工\u200b会\ufeff\u2060\xad\u3164",
    "lone surrogate": "坏\ud800字",
    "emoji": "👩\u200d🏭 罢工✊🏽 ❤\ufe0f",
    "name with and": "Smith, John and Mary and others",
    "name of a body": "Workers, Peasants and Soldiers, Inc.",
    "long": "长标题，" * 2_500 + "}",
}
each_hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


def exported(**changes) -> dict:
    """An exported article; `changes` are keys of the export."""
    return to_json(article(3, authors=("李晓", "王大山"))) | KEPT | changes


def hostile(text: str) -> tuple[dict, Cited]:
    """An article and an archive whose every printed text is hostile."""
    one = exported(title=text, subtitle=text, authors=[text, "李晓"], source=text)
    return one, Cited(text, text, text, f"https://archive.example.org/{text}")


def shown(text: str) -> str:
    return plain(text).strip()


# -- GB/T 7714 --


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            "李晓，王大山. 第3期技能培训班开班[EB/OL]. （2025-02-03）[2025-03-01]. http://chengnan.example.org/news/3.html.",
        ),
        (
            {"subtitle": "学员来自十二家企业", "kicker": "匠心筑梦"},
            "李晓，王大山. 第3期技能培训班开班：学员来自十二家企业：匠心筑梦[EB/OL]. （2025-02-03）[2025-03-01].",
        ),
        ({"correspondents": ["赵一"]}, "李晓，王大山，赵一. 第3期"),
        ({"correspondents": ["赵一", "钱二"]}, "李晓，王大山，赵一，等. 第3期"),
        ({"correspondents": ["王大山", " ", "\u200b"]}, "李晓，王大山. 第3期"),
        ({"authors": []}, "运河工人报. 第3期技能培训班开班[EB/OL]. "),
        ({"authors": [], "source": None}, "城南区总工会. 第3期技能培训班开班[EB/OL]. "),
        ({"published_at": None}, "李晓，王大山. 第3期技能培训班开班[EB/OL]. [2025-03-01]. http"),
        ({"published_at": "2025-02"}, "李晓，王大山. 第3期技能培训班开班[EB/OL]. （2025-02）[2025-03-01]. http"),
        (
            {"published_at": "2025-02-03T00:10:00+08:00"},
            "李晓，王大山. 第3期技能培训班开班[EB/OL]. （2025-02-03）[2025-03-01].",
        ),
        (
            {"language": "en", "title": "Pay up", "subtitle": "Now", "authors": ["A. Li", "B. Ma", "C. Wu", "D. Xu"]},
            "A. Li，B. Ma，C. Wu，et al. Pay up: Now[EB/OL]. （2025-02-03）[2025-03-01]. http",
        ),
        ({"authors": ["J. Smith Jr."]}, "J. Smith Jr. 第3期"),
    ],
)
def test_gbt_7714_2025_says_what_the_page_says(changes, expected):
    assert gbt7714(exported(**changes), CITED).startswith(expected)


def test_gbt_7714_2015_has_half_width_marks_of_its_own_and_the_titles_as_printed():
    one = exported(title="要闻：开班", subtitle="五天课程", correspondents=["赵一", "钱二"])
    assert gbt7714(one, CITED, 2015).startswith(
        "李晓, 王大山, 赵一, 等. 要闻：开班: 五天课程[EB/OL]. (2025-02-03)[2025-03-01]. http"
    )


def test_without_a_responsible_body_the_entry_begins_with_the_title():
    one = exported(authors=[], source=None)
    assert gbt7714(one, Cited("档案")).startswith("第3期技能培训班开班[EB/OL]. ")
    assert "author" not in bibtex(one, Cited("档案"))
    assert "AU  - " not in ris(one, Cited("档案"))
    assert "author" not in csl(one, Cited("档案"))


@pytest.mark.parametrize("edition", [2025, 2015])
def test_the_note_names_site_source_and_the_copy(edition):
    one = exported()
    assert gbt7714(one, CITED, edition).endswith(
        f"/news/3.html. 网站：城南区总工会；来源：运河工人报；{NOTE.format(**one)}；https://archive.example.org/article/0123."
    )


def test_the_note_names_neither_site_nor_source_twice():
    assert " 网站：城南区总工会；存档：" in gbt7714(exported(authors=[]), CITED)
    assert "html. 存档：" in gbt7714(exported(authors=[], source=None), CITED)


def test_a_copy_without_a_public_address_is_named_by_its_uid():
    one = exported()
    assert gbt7714(one, Cited("档案")).endswith(f"；文章编号：{one['uid']}.")


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        ("zh-Hans", "开班", "网站：城南区总工会；"),
        ("zh-Hant", "開班", "網站：城南区总工会；"),
        ("zh-TW", "開班", "網站：城南区总工会；"),
        ("en", "Meeting", "Site: Chengnan Federation; "),
        ("ko", "노동조합", "Site: 城南区总工会; "),
        (None, "开班", "网站：城南区总工会；"),
        (None, "労働組合の会議", "Site: 城南区总工会; "),
        (None, "Meeting", "Site: 城南区总工会; "),
    ],
)
def test_the_note_speaks_the_language_of_the_article(language, title, words):
    assert f". {words}" in gbt7714(exported(language=language, title=title), CITED)


# -- what programs read --


def read_bibtex(text: str) -> bibtexparser.Library:
    library = bibtexparser.parse_string(text, append_middleware=[SeparateCoAuthors()])
    assert library.failed_blocks == []
    assert library.comments == []
    return library


@pytest.fixture(scope="module")
def untexed():
    """What LaTeX prints for a text; pylatexenc lacks its names of braces, and takes ASCII's ^ for another."""
    names = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    commands = get_default_latex_context_db()
    commands.add_context_category("names", macros=[MacroTextSpec(*item) for item in names.items()], prepend=True)
    return LatexNodes2Text(latex_context=commands, strict_latex_spaces=True).latex_to_text


def read_ris(text: str) -> list[dict[str, list[str]]]:
    """A strict reader of RIS: every line is `XX  - value`, a record runs from TY to ER, an empty line is between."""
    records = []
    assert text.endswith("ER  - \r\n\r\n")
    for block in text.removesuffix("\r\n\r\n").split("\r\n\r\n"):
        fields: dict[str, list[str]] = {}
        for line in block.split("\r\n"):
            # splitlines knows ends of lines that a reader may take for one: VT, FF, U+0085, U+2028 …
            assert line.splitlines() == [line]
            tag, value = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line).groups()
            fields.setdefault(tag, []).append(value)
        assert next(iter(fields)) == "TY"
        assert list(fields)[-1] == "ER"
        records.append(fields)
    return records


def test_bibtex_says_what_the_page_says():
    one = exported(subtitle="五天课程")
    (entry,) = read_bibtex(bibtex(one, CITED)).entries
    assert (entry.entry_type, entry.key) == ("online", f"union-{one['uid']}")
    assert {field.key: field.value for field in entry.fields} == {
        "author": ["{李晓}", "{王大山}"],
        "title": "{第3期技能培训班开班：五天课程}",
        "organization": "城南区总工会",
        "date": "2025-02-03",
        "year": "2025",
        "url": "http://chengnan.example.org/news/3.html",
        "urldate": "2025-03-01",
        "langid": "chinese",
        "note": f"网站：城南区总工会；来源：运河工人报；{NOTE.format(**one)}；https://archive.example.org/article/0123",
    }


def test_ris_says_what_the_page_says():
    one = exported(subtitle="五天课程", published_at="2025-02")
    (record,) = read_ris(ris(one, CITED))
    assert record == {
        "TY": ["ELEC"],
        "ID": [f"union-{one['uid']}"],
        "AU": ["李晓", "王大山"],
        "TI": ["第3期技能培训班开班：五天课程"],
        "ST": ["第3期技能培训班开班"],
        "T2": ["城南区总工会"],
        "PY": ["2025"],
        "DA": ["2025/02//"],
        "Y2": ["2025/03/01/"],
        "UR": ["http://chengnan.example.org/news/3.html"],
        "LA": ["zh-Hans"],
        "DB": ["城南工运档案"],
        "AV": ["https://archive.example.org/article/0123"],
        "N1": [f"网站：城南区总工会；来源：运河工人报；{NOTE.format(**one)}；https://archive.example.org/article/0123"],
        "ER": [""],
    }


def test_csl_json_says_what_the_page_says():
    one = exported(subtitle="五天课程", published_at="2025-02")
    assert json.loads(csl_json(one, CITED)) == [
        {
            "id": f"union-{one['uid']}",
            "type": "webpage",
            "title": "第3期技能培训班开班：五天课程",
            "title-short": "第3期技能培训班开班",
            "author": [{"literal": "李晓"}, {"literal": "王大山"}],
            "container-title": "城南区总工会",
            "issued": {"date-parts": [[2025, 2]]},
            "accessed": {"date-parts": [[2025, 3, 1]]},
            "URL": "http://chengnan.example.org/news/3.html",
            "language": "zh-Hans",
            "archive": "城南工运档案",
            "archive_location": "https://archive.example.org/article/0123",
            "note": f"网站：城南区总工会；来源：运河工人报；{NOTE.format(**one)}；https://archive.example.org/article/0123",
        }
    ]


def test_what_is_unknown_is_absent_everywhere():
    unknown = dict.fromkeys(("source", "published_at", "language", "fetched_at"))
    one, cited = exported(authors=[], captures=[], **unknown), Cited("档案")
    (entry,) = read_bibtex(bibtex(one, cited)).entries
    assert [field.key for field in entry.fields] == ["title", "url", "note"]
    (record,) = read_ris(ris(one, cited))
    assert list(record) == ["TY", "ID", "TI", "UR", "DB", "N1", "ER"]
    assert list(csl(one, cited)) == ["id", "type", "title", "URL", "archive", "note"]
    assert gbt7714(one, cited).startswith(
        "第3期技能培训班开班[EB/OL]. http://chengnan.example.org/news/3.html. 存档：档案；"
    )


def test_a_key_stays_when_the_article_is_corrected():
    assert csl(exported(), CITED)["id"] == csl(exported(title="更正", published_at=None, authors=[]), Cited("x"))["id"]


@pytest.mark.parametrize("cite", [bibtex, ris, csl_json, gbt7714], ids=lambda cite: cite.__name__)
def test_every_format_names_the_time_and_both_digests_of_the_capture(cite):
    text = cite(exported(), CITED)
    for said in ("2025-03-01T23:30:00Z", exported()["sha256"], DIGEST, CITED.page):
        assert said in text
    assert "sha256:OLD" not in text


# -- hostile titles and names --


def balanced(text: str) -> bool:
    """Whether braces balance as BibTeX counts them: a backslash before one changes nothing."""
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


@each_hostile
def test_bibtex_gives_a_hostile_text_back_and_nothing_else(text, untexed):
    one, cited = hostile(text)
    written = bibtex(one, cited)
    assert balanced(written)
    library = read_bibtex(written + "\n" + bibtex(exported(uid="f" * 16), CITED))
    assert [entry.key for entry in library.entries] == [f"union-{one['uid']}", "union-" + "f" * 16]
    assert len(library.blocks) == 2
    fields = {field.key: field.value for field in library.entries[0].fields}
    assert list(fields) == ["author", "title", "organization", "date", "year", "url", "urldate", "langid", "note"]
    assert untexed(fields["title"]) == f"{shown(text)}：{shown(text)}"
    assert [untexed(name) for name in fields["author"]] == [shown(text), "李晓"]
    assert untexed(fields["organization"]) == shown(text)
    assert shown(text) in untexed(fields["note"])


@each_hostile
def test_ris_gives_a_hostile_text_back_and_nothing_else(text):
    one, cited = hostile(text)
    written = ris(one, cited) + ris(exported(), CITED)
    first, second = read_ris(written)
    assert (first["TI"], first["AU"]) == ([f"{shown(text)}：{shown(text)}"], [shown(text), "李晓"])
    assert (first["T2"], first["DB"]) == ([shown(text)], [shown(text)])
    assert second["TI"] == ["第3期技能培训班开班"]
    theirs = rispy.loads(written.replace("\r\n", "\n"))
    assert [record["title"] for record in theirs] == [first["TI"][0], second["TI"][0]]
    assert theirs[0]["authors"] == first["AU"]
    assert theirs[0]["notes"] == first["N1"]


@pytest.fixture(scope="module")
def style(tmp_path_factory):
    """A CSL style of three fields."""
    path = tmp_path_factory.mktemp("style") / "three.csl"
    path.write_text(
        """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
  <info><title>Three</title><id>three</id><updated>2025-01-01T00:00:00Z</updated></info>
  <citation><layout><text variable="title"/></layout></citation>
  <bibliography><layout delimiter=" | ">
    <group delimiter=" | "><names variable="author"/><text variable="title"/><text variable="container-title"/>
      <date variable="issued"><date-part name="year"/></date></group>
  </layout></bibliography>
</style>""",
        encoding="utf-8",
    )
    return CitationStylesStyle(str(path), validate=False)


@each_hostile
def test_csl_json_gives_a_hostile_text_back_and_nothing_else(text, style):
    one, cited = hostile(text)
    items = json.loads(csl_json(one, cited))
    assert items[0]["title"] == f"{shown(text)}：{shown(text)}"
    assert items[0]["author"] == [{"literal": shown(text)}, {"literal": "李晓"}]
    assert "{:" not in items[0]["note"]
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    bibliography.register(Citation([CitationItem(items[0]["id"])]))
    (rendered,) = map(str, bibliography.bibliography())
    assert "李晓" in rendered
    assert rendered.endswith("2025")


@each_hostile
@pytest.mark.parametrize("edition", [2025, 2015])
def test_gbt_7714_is_one_plain_line(text, edition):
    one, cited = hostile(text)
    written = gbt7714(one, cited, edition)
    assert written == plain(written)
    assert written.splitlines() == [written]
    assert written.startswith(f"{shown(text)}{'，' if edition == 2025 else ', '}李晓. ")


def test_an_address_is_ascii_and_ends_nothing():
    one = exported(url='http://chengnan.example.org/新闻/a b{c}\\d^e`f"g<h>?x=%E5&y=1#z\r\nER  - ')
    address = (
        "http://chengnan.example.org/%E6%96%B0%E9%97%BB/a%20b%7Bc%7D%5Cd%5Ee%60f%22g%3Ch%3E?x=%E5&y=1#z%20ER%20%20-"
    )
    (entry,) = read_bibtex(bibtex(one, CITED)).entries
    (record,) = read_ris(ris(one, CITED))
    assert entry["url"] == record["UR"][0] == csl(one, CITED)["URL"] == address
    assert f". {address}. " in gbt7714(one, CITED)


@given(text=st.text(max_size=60))
def test_no_text_breaks_bibtex_or_ris(text):
    one, cited = exported(title=text, authors=[text], source=text), Cited(text, text)
    written = bibtex(one, cited)
    assert balanced(written)
    (entry,) = read_bibtex(written).entries
    assert (entry.key, entry["date"]) == (f"union-{one['uid']}", "2025-02-03")
    (record,) = read_ris(ris(one, cited))
    assert record["TI"] == [shown(text) or one["uid"]]
    assert record.get("AU", []) == ([shown(text)] if shown(text) else [])


# -- many articles --


def test_writers_cite_every_article_with_the_names_of_its_site(tmp_path):
    with reading(filled(tmp_path, 2)) as db:
        db_names = site_names(db.conn)
    assert db_names == {"chengnan": ("城南区总工会", None), "yunhe": ("运河市总工会", None)}
    cite = citer("档案", db_names, "https://archive.example.org/article/{}".format)
    articles = [exported(), exported(uid="f" * 16, site="yunhe"), exported(uid="e" * 16, site="chengbei")]
    made = {name: io.StringIO() for name in FORMATS}
    for name, write in writers(cite).items():
        write(iter(articles), made[name], EXPORTED)
    sites = ["城南区总工会", "运河市总工会", None]
    keys = [f"union-{one['uid']}" for one in articles]
    entries = read_bibtex(made["bibtex"].getvalue()).entries
    assert [(entry.key, "organization" in entry and entry["organization"]) for entry in entries] == [
        (key, site or False) for key, site in zip(keys, sites, strict=True)
    ]
    records = read_ris(made["ris"].getvalue())
    assert [(record["ID"][0], record.get("T2", [None])[0]) for record in records] == list(zip(keys, sites, strict=True))
    items = json.loads(made["csl-json"].getvalue())
    assert [(item["id"], item.get("container-title")) for item in items] == list(zip(keys, sites, strict=True))
    assert [item["archive_location"][-16:] for item in items] == [one["uid"] for one in articles]


def test_no_articles_are_still_a_right_file():
    made = {}
    for name, write in writers(citer("档案", {})).items():
        write([], out := io.StringIO(), EXPORTED)
        made[name] = out.getvalue()
    assert made == {"bibtex": "", "ris": "", "csl-json": "[]\n"}
