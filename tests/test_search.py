"""Search: what is found in every script, what a query may say, what is marked, and what keeps the index right."""

import sqlite3
from datetime import date

import pytest
from filled import Filler, article, reading

from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.search import find, fold, index, rank, single, tokens
from archive.search.find import count, facets
from archive.search.match import plan, table_match
from archive.search.query import Term, parse
from archive.search.selection import QueryError, Selection, from_pairs
from archive.search.snippets import excerpt, mark

TEXTS = {
    "集体": "运河市总工会召开集体协商工作会议，四十家企业的职工代表到会。",
    "繁體": "城南區總工會發布通知，要求各級工會做好集體協商工作，意味著新的開始。",
    "全角": "第１２期ＡＢＣ培训班于２０２４年５月结业，共有３０名学员。",
    "英文": "Unions organised 300 welders; hard hats were handed out at the dockyard.",
    "韓文": "노동조합 총연맹은 단체교섭을 시작했다고 밝혔다 오늘 서울에서.",
    "生僻": "𠮷野先生与龘字辈的工友们在车间里交流技艺，互相学习。",
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    filler = Filler(tmp_path_factory.mktemp("search"))
    for number, (name, text) in enumerate(TEXTS.items(), start=1):
        filler.page(article(number, title=f"{name}一篇", text=text, language="en" if name == "英文" else "zh-Hans"))
    filler.page(
        article(20, title="标题里有劳模", kicker="引题说工匠", subtitle="副题讲传承", text="正文另有内容。" * 9)
    )
    filler.page(article(21, site="yunhe", source="中工网-工人日报", authors=("李晓", "王大山"), section="要闻/快讯"))
    filler.page(article(22, published_at=None, correspondents=("赵一",), language="zh-Hant", section=None))
    filler.page(article(23, published_at="2023-12"))
    filler.page(article(24, published_at="2024-01-01T00:30:00+08:00", language=None, source=None))
    filler.db.execute("UPDATE sites SET level = 'district', region = 'CN-37' WHERE id = 'chengnan'")
    filler.db.execute("UPDATE sites SET level = 'prefecture', region = 'CN' WHERE id = 'yunhe'")
    return filler.close()


def found(directory: ArchiveDirectory, query: str = "", **filters) -> list[str]:
    """The first two characters of each hit's title, or the number in it, in order."""
    with reading(directory) as db:
        hits = find.find(db.conn, Selection(query, **filters))
        assert count(db.conn, Selection(query, **filters)).number == len(hits)
    titles = [hit.row["title"] for hit in hits]
    return sorted("".join(filter(str.isdigit, title)) or title[:2] for title in titles)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("工会", ["繁體", "集体"]),
        ("工會", ["繁體", "集体"]),
        ("总", ["繁體", "集体"]),
        ("會", ["繁體", "集体"]),
        ("集体协商", ["繁體", "集体"]),
        ("集體協商工作會議", ["集体"]),
        ("意味着", ["繁體"]),
        ("工会集体", []),
        ("的", ["集体", "生僻", "繁體"]),
        ("第12期abc", ["全角"]),
        ("２０２４年", ["全角"]),
        ("ABC培训班", ["全角"]),
        ("BC培训班", []),
        ("名学员", ["全角"]),
        ("organise", ["英文"]),
        ("welder 300", ["英文"]),
        ('"hard hats"', ["英文"]),
        ('"hats hard"', []),
        ("weld*", ["英文"]),
        ("dock", []),
        ("노동", ["韓文"]),
        ("조합", ["韓文"]),
        ("𠮷野", ["生僻"]),
        ("龘", ["生僻"]),
        ("工匠 劳模 传承", ["标题"]),
        ("工匠传承", []),
        ("劳模|工会", ["标题", "繁體", "集体"]),
        ("劳模 OR 工会 通知", ["繁體"]),
        ("工会 -通知", ["集体"]),
        ("-培训班 -工会 -工友 -hats -내일", ["标题", "韓文"]),
        ("“集体 协商”", ["繁體", "集体"]),
        ("集体　协商", ["繁體", "集体"]),
        ("site:yunhe", ["21"]),
        ("站点：yunhe", ["21"]),
        ("site:yun*", ["21"]),
        ("level:prefecture OR level:district 工会", ["繁體", "集体"]),
        ("-level:district", ["21"]),
        ("region:CN-37 劳模", ["标题"]),
        ("region:CN 培训班", ["21", "22", "23", "24", "全角"]),
        ("source:工人日报", ["21"]),
        ("來源:工人日", ["21"]),
        ("source:报", ["20", "21", "22", "23"]),
        ('author:李晓 author:"王大山"', ["21"]),
        ("作者:赵", ["22"]),
        ("author:晓王", []),
        ("section:快讯", ["21"]),
        ("lang:zh-Hant", ["22"]),
        ("lang:en", ["英文"]),
        ("lang:zh -lang:zh-Hans", ["22"]),
        ("date:unknown", ["22"]),
        ("date:2023-12", ["23"]),
        ("before:2024", ["23"]),
        ("after:2024 before:2024-01-02", ["24"]),
        ("date:2024", ["24"]),
        ("http://example.org/工会", []),
        ("要求:各级", []),
        ("求各級：工会", []),
    ],
)
def test_a_query_finds(directory, query, expected):
    expected = sorted(expected)
    if query == "source:报":
        with reading(directory) as db:
            assert count(db.conn, Selection(query)).number == 10
    else:
        assert found(directory, query) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sites": ("yunhe",)}, ["21"]),
        ({"levels": ("district",), "query": "工会"}, ["繁體", "集体"]),
        ({"regions": ("CN",)}, ["21"]),
        ({"levels": ("national",)}, []),
        ({"sections": ("要闻/快讯",)}, ["21"]),
        ({"sections": ("要闻",)}, []),
        ({"sources": ("中工网-工人日报",)}, ["21"]),
        ({"languages": ("en", "zh-Hant")}, ["22", "英文"]),
        ({"years": ("2023", "unknown")}, ["22", "23"]),
        ({"years": ("2024",)}, ["24"]),
        ({"after": date(2023, 12, 15), "before": date(2024, 1, 2)}, ["23", "24"]),
        ({"after": date(2023, 12, 16), "before": date(2024, 1, 1)}, []),
        ({"query": "培训班", "years": ("2024",), "sites": ("yunhe",)}, []),
    ],
)
def test_filters_narrow(directory, filters, expected):
    assert found(directory, **filters) == sorted(expected)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("，。！", "nothing to search for in '，。！'"),
        ('""', "nothing to search for"),
        ("-", "nothing to search for"),
        ("OR |", "nothing to search for"),
        ("foo:工会", "foo: is no field; the fields are site, section"),
        ("site:", "site: nothing is asked for; write it as site:workercn"),
        ("site:chengna", "site:chengna names no site of this archive; did you mean chengnan?"),
        ("level:county", "level:county names no site"),
        ("after:tomorrow", "after: 'tomorrow' is no date; write 2024-05-25"),
        ("date:2024-13", "'2024-13' is no date"),
        ("before:９９９９-02-30", "is no date"),
        ("-after:2024", "-after: cannot be excluded"),
        ("工" * 2001, "the query has 2,001 characters; ask with at most 2,000"),
        ("工会 " * 101, "more than 100 words"),
    ],
)
def test_what_cannot_be_understood_is_named(directory, query, says):
    with reading(directory) as db, pytest.raises(QueryError) as error:
        find.find(db.conn, from_pairs({"q": [query]}))
    assert says in str(error.value)
    assert "\n" not in str(error.value) + error.value.chinese
    assert any("\u4e00" <= character <= "\u9fff" for character in error.value.chinese)


@pytest.mark.parametrize(
    "query",
    [
        '"工会',
        "工会*",
        '工"会',
        "(工会)",
        "工会 NEAR 职工",
        "{title}: 工会",
        "^工会",
        "工会 + 职工",
        "'; DROP TABLE",
        "\0工会",
        "*",
    ],
)
def test_no_query_is_an_error_of_sqlite(directory, query):
    with reading(directory) as db:
        try:
            find.find(db.conn, Selection(query))
            count(db.conn, Selection(query))
            facets(db.conn, Selection(query))
        except QueryError:
            assert query == "*"


def test_a_selection_goes_through_an_address_and_back():
    selection = Selection("工会 -x", ("a", "b"), years=("2024", "unknown"), after=date(2024, 5, 1))
    pairs: dict[str, list[str]] = {}
    for name, value in selection.pairs():
        pairs.setdefault(name, []).append(value)
    assert from_pairs(pairs) == selection
    assert selection.query_string(page="2").endswith("&after=2024-05-01&page=2")
    assert not Selection()


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ({"after": ["2024-02-30"]}, "after: '2024-02-30' is no date"),
        ({"year": ["24"]}, "year '24': give four digits, or unknown"),
        ({"site": [str(n) for n in range(51)]}, "site: 51 values; choose at most 50"),
    ],
)
def test_a_wrong_parameter_is_named(pairs, says):
    with pytest.raises(QueryError, match=says):
        from_pairs(pairs)


@pytest.mark.parametrize(
    "filters",
    [{}, {"sites": ("yunhe",)}, {"years": ("2025",)}, {"after": date(2024, 1, 1), "before": date(2025, 2, 20)}],
)
def test_a_single_character_is_found_alike_in_the_index_and_in_the_articles(directory, monkeypatch, filters):
    def answers() -> list:
        with reading(directory) as db:
            selections = [
                Selection(query, **filters) for query in ("工", "會", "培 第12期", "课 -工", "社", "劳", "绝")
            ]
            return [
                (
                    [hit.row["uid"] for hit in find.find(db.conn, one, limit=4, offset=1)],
                    facets(db.conn, one),
                    count(db.conn, one),
                    count(db.conn, one, 3),
                )
                for one in selections
            ]

    by_index = answers()
    asked = []
    look = single.look
    monkeypatch.setattr(single, "look", lambda *given: asked.append(look(*given)) or asked[-1])
    for name in ("MANY", "COMMON", "EVERYWHERE"):
        monkeypatch.setattr(single, name, 0)
    assert answers() == by_index
    assert all(common is not None for common in asked)
    assert {form for common in asked for form in common.forms} >= {"会", "會", "工", "\u2f2f"}


def test_a_character_is_looked_for_in_the_articles_only_where_it_is_common(directory, monkeypatch):
    monkeypatch.setattr(single, "MANY", 1)
    monkeypatch.setattr(single, "COMMON", 0.3)
    with reading(directory) as db:
        assert single.look(db.conn, "龘") is None
        common = single.look(db.conn, "培")
        assert common.share > 0.3
        assert "培训" in common.words
        monkeypatch.setattr(single, "MANY", 10_000)
        assert single.look(db.conn, "培") is None


def test_facets_count_the_hits(directory):
    with reading(directory) as db:
        shown = facets(db.conn, Selection("培训班"))
        few = facets(db.conn, Selection("培训班"), newest=1, top=1)
    assert shown["site"] == [("chengnan", 4), ("yunhe", 1)]
    assert shown["level"] == [("district", 4), ("prefecture", 1)]
    assert shown["region"] == [("CN-37", 4), ("CN", 1)]
    assert shown["section"] == [("工会要闻", 3), ("要闻/快讯", 1)]
    assert shown["language"] == [("zh-Hans", 3), ("zh-Hant", 1)]
    assert shown["year"] == [("2025", 2), ("2024", 1), ("2023", 1), ("unknown", 1)]
    assert [len(values) for values in few.values()] == [1] * 7


def test_a_count_is_exact_up_to_its_limit(directory):
    with reading(directory) as db:
        assert count(db.conn, Selection(), 11) == find.Count(11, False)
        assert count(db.conn, Selection(), 10) == find.Count(10, True)


def test_relevance_puts_the_headline_first(directory, tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1, title="消防演练", text="车间里说起劳模。" * 3 + "别的内容很多。" * 40))
    filler.page(article(2, title="劳模表彰", text="会议在礼堂举行，内容很多。" * 20, published_at="2020-01-01"))
    newest, best = (
        [hit.row["title"] for hit in find.find(filler.db.conn, Selection("劳模"), order=order)]
        for order in ("newest", "relevance")
    )
    assert newest == ["消防演练", "劳模表彰"]
    assert best == ["劳模表彰", "消防演练"]
    filler.close()


@pytest.mark.parametrize("offset", [0, 1])
def test_words_that_stand_nearly_everywhere_count_in_the_headline_and_a_rare_one_decides(tmp_path, monkeypatch, offset):
    monkeypatch.setattr(rank, "MANY", 1)  # as among a million articles: what is common is not handed to bm25
    filler = Filler(tmp_path)
    for number in range(1, 31):
        title = "工会与劳模座谈" if number == 3 else "工会座谈" if number in (5, 7) else "座谈"
        text = "工会与劳模在礼堂座谈，谈了许多。" * (9 if number == 11 else 2)
        text += "挪忏一词。" if number in (2, 4) else ""
        filler.page(article(number, title=title, text=text, published_at=f"2024-01-{number:02}"))
    db = filler.db.conn

    def best(query: str) -> list[str]:
        hits = find.find(db, Selection(query), order="relevance", limit=5, offset=offset)
        return [hit.row["published_at"][-2:] for hit in hits]

    monkeypatch.setattr(rank, "SAMPLE", 20)
    assert best("工会 劳模") == ["03", "07", "05", "30", "29", "28"][offset : offset + 5]
    assert best("工会 挪忏") == ["04", "02"][offset:]
    assert best("-挪忏 礼堂")[0] == ["30", "29"][offset]
    filler.close()


def test_hits_are_paged_without_holes(directory):
    with reading(directory) as db:
        whole = [hit.row["uid"] for hit in find.find(db.conn, Selection("培训班"), limit=100)]
        pages = [find.find(db.conn, Selection("培训班"), limit=2, offset=at) for at in (0, 2, 4, 6)]
    assert [hit.row["uid"] for page in pages for hit in page] == whole
    assert len(pages[3]) == 0


def pieces(shown) -> str:
    return "".join(f"[{text}]" if marked else text for text, marked in shown)


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("工会", "全國總工會，总工会", "全國總[工會]，总[工会]"),
        ("abc12", "ＡＢＣ１２號", "[ＡＢＣ１２]號"),
        ("工会 会议", "工会会议", "[工会][会议]"),
        ("集体 集体协商", "集体协商", "[集体协商]"),
        ("organise", "Organised labour organises", "[Organised] labour [organises]"),
        ("cat", "cat category", "[cat] category"),
        ("第3期", "第 3 期，第3期", "[第 3 期]，[第3期]"),
        ("...", "等等…好", "等等…好"),
        ("５", "㎡㊟５", "㎡㊟[５]"),
        ("公司", "㍿公司", "㍿[公司]"),
        ("source:工会", "工会", "工会"),
        ("-工会 职工", "工会职工", "工会[职工]"),
    ],
)
def test_the_text_is_marked_as_it_was_printed(query, text, marked):
    words = parse(query).words if any(map(str.isalnum, query)) else [Term("...")]
    shown = mark(text, words)
    assert pieces(shown) == marked
    assert "".join(piece for piece, _ in shown) == text


def test_an_excerpt_shows_where_most_was_found():
    text = "开头" * 100 + "工会与职工，职工与工会。" + "结尾" * 100
    shown = excerpt(text, parse("工会 职工").words, 40)
    assert pieces(shown).count("[") == 4
    assert pieces(shown).startswith("…")
    assert pieces(shown).endswith("…")
    assert len("".join(piece for piece, _ in shown)) == 42
    assert excerpt("短\n\n文", []) == (("短  文", False),)


def test_words_of_chinese_are_pairs_and_the_last_character():
    assert tokens.index_text("全國總工會A1，會").split() == ["全国", "国总", "总工", "工会", "会", "A1,", "会"]
    assert tokens.index_text(None) == ""
    assert fold.fold("ＡＢ總") == "AB总"


def test_hidden_words_cannot_be_written_by_a_page(tmp_path):
    filler = Filler(tmp_path)
    forged = tokens.tag(tokens.SITE, "yunhe")
    filler.page(article(1, title=f"冒充{forged}", text=f"{forged} {tokens.EVERY} 正文在这里，说了别的。"))
    assert count(filler.db.conn, Selection(sites=("yunhe",))).number == 0
    assert count(filler.db.conn, Selection("冒充")).number == 1
    filler.close()


def integrity(db) -> None:
    db.conn.execute("INSERT INTO articles_fts(articles_fts) VALUES ('integrity-check')")


def test_the_index_follows_every_change(tmp_path):
    filler = Filler(tmp_path)
    connection = filler.db.conn

    def numbers(query: str, **filters) -> int:
        return count(connection, Selection(query, **filters)).number

    filler.page(article(1))
    filler.page(article(1, title="第1期焊工班延期", published_at="2024-06-01", section="公告"))
    assert (numbers("技能"), numbers("焊工"), numbers("section:公告"), numbers("date:2025")) == (0, 1, 1, 0)
    assert numbers("", years=("2024",)) == 1
    (row,) = connection.execute("SELECT id, title FROM articles").fetchall()
    assert find.find(connection, Selection("焊工"))[0].row["id"] == row["id"]
    assert connection.execute("SELECT * FROM months").fetchall()[0][:] == ("chengnan", "2024-06", 1)
    connection.execute("DELETE FROM revisions")
    connection.execute("DELETE FROM articles")
    assert numbers("") == numbers("焊工") == 0
    assert connection.execute("SELECT count(*) FROM months").fetchone()[0] == 0
    integrity(filler.db)
    filler.close()


def test_after_a_corrected_date_and_a_vacuum_the_search_is_still_right(tmp_path):
    filler = Filler(tmp_path)
    for number in range(1, 8):
        filler.page(article(number))
    filler.page(article(3, published_at="2025-03-01"))
    filler.db.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    filler.close()
    copy = sqlite3.connect(tmp_path / "copy.db")
    copy.row_factory = sqlite3.Row
    hits = find.find(copy, Selection("第3期"))
    assert [(hit.row["title"], hit.row["published_at"]) for hit in hits] == [(article(3).title, "2025-03-01")]
    assert find.find(copy, Selection())[0].row["title"] == article(3).title
    copy.close()


def test_a_writer_without_the_functions_fails(directory):
    connection = sqlite3.connect(directory.database)
    with pytest.raises(sqlite3.OperationalError, match="no such function: index_"):
        connection.execute("UPDATE articles SET title = 'x'")
    connection.close()


def test_stock_sqlite_reads_and_matches(directory):
    connection = sqlite3.connect(directory.database)
    sql = "SELECT title FROM articles WHERE id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"
    assert {row[0][:2] for row in connection.execute(sql, ['"集体 体协 协商"'])} == {"集体", "繁體"}
    connection.close()


def test_an_index_of_other_rules_is_named_to_readers_and_made_again_by_the_next_writer(tmp_path, monkeypatch):
    filler = Filler(tmp_path)
    for number in range(1, 4):
        filler.page(article(number))
    filler.db.execute("UPDATE search_index SET version = '0-old'")
    filler.db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('delete-all')")
    filler.db.execute("DELETE FROM months")
    directory = filler.close()
    with reading(directory) as db, pytest.raises(ArchiveError, match="run `union-archive reindex`"):
        find.find(db.conn, Selection("培训"))
    db = directory.open_database()
    assert count(db.conn, Selection("培训")).number == 3
    assert db.execute("SELECT sum(articles) FROM months").fetchone()[0] == 3
    assert db.execute("SELECT version FROM search_index").fetchone()[0] == tokens.version()
    db.close()


def test_a_broken_rebuild_leaves_the_index_as_it_was(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    filler.db.execute("BEGIN")
    with pytest.raises(KeyboardInterrupt):
        index.fill(filler.db.conn, stop)
    filler.db.execute("COMMIT")
    assert count(filler.db.conn, Selection("培训")).number == 1
    integrity(filler.db)
    filler.close()


def test_datasettes_own_search_gets_an_expression_for_everything():
    assert table_match("总工会") == '"总工 工会"'
    assert table_match("foo:bar") == '"foo:bar"'
    for text in ("", "，", '"', "a" * 5000, "工 " * 300):
        assert table_match(text)


def test_a_plan_names_the_sites_it_is_narrowed_to():
    assert plan(Selection("工会"), []).sites is None
