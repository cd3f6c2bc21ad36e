"""Revisions are the site's changes, never ours; ids follow publication; `change` grows with every change."""

import json
from dataclasses import replace

import pytest

from archive.article import Article, Attachment, Credit, uid
from archive.database import open_database, transaction
from archive.revisions import confirm_article, published_second, save_article
from archive.store import save_capture, save_site

ARTICLE = Article(
    url="http://gh.example/news/1.html",
    title="夜班食堂开了",
    text="工会和后勤处商定，夜班食堂从周一起供应热饭。",
    html="<p>…</p>",
    site="gh",
    authors=("李雁",),
    published_at="2026-03-01T08:00:00+08:00",
    published_from="label",
)
SITE = {"id": "gh", "name": "示例工会", "home": "http://gh.example/", "family": "generic", "status": "active"}


@pytest.fixture
def db(tmp_path):
    database = open_database(tmp_path / "archive.db")
    with transaction(database) as connection:
        save_site(connection, SITE)
    yield database
    database.close()


def save(db, article, day=1, *, key="k1", derived_with="code1", previous=None):
    with transaction(db) as connection:
        capture = save_capture(
            connection,
            {
                "site": "gh", "url": article.url, "key": key, "fetched_at": f"2026-03-{day:02d}T00:00:00.000000Z",
                "kind": "response", "warc": "w", "offset": 0, "record_id": f"{key}-{day}-{derived_with}", "digest": "d",
            },
        )  # fmt: skip
        return save_article(
            connection,
            article,
            key=key,
            fetched_at=f"2026-03-{day:02d}T00:00:00Z",
            captures=[capture],
            derived_with=derived_with,
            previous=previous,
        )


def held(db, key="k1"):
    return dict(db.conn.execute("SELECT * FROM articles WHERE key = ?", [key]).fetchone())


def revisions(db):
    return [dict(row) for row in db.conn.execute("SELECT * FROM revisions ORDER BY uid, revision")]


def test_first_sight_is_revision_one(db):
    assert save(db, ARTICLE) == "new"
    assert held(db)["uid"] == uid(ARTICLE.url)
    assert [(one["revision"], one["content"]) for one in revisions(db)] == [(1, None)]


def test_same_words_are_no_change(db):
    save(db, ARTICLE)
    change = held(db)["change"]
    assert save(db, ARTICLE, 2) == "unchanged"
    assert held(db)["change"] == change
    assert revisions(db)[0]["seen_until"] == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "夜班食堂下周开"},
        {"authors": ("李雁", "何川")},
        {"published_at": "2026-03-02"},
        {"attachments": (Attachment("http://gh.example/a.pdf", "方案"),)},
        {"source": "东港日报"},
    ],
)
def test_edit_by_the_site_is_a_revision(db, edit):
    save(db, ARTICLE)
    assert save(db, replace(ARTICLE, **edit), 2) == "changed"
    first, second = revisions(db)
    assert json.loads(first["content"])["title"] == ARTICLE.title
    assert (second["revision"], second["content"], second["sha256"]) == (2, None, held(db)["sha256"])
    assert held(db)["revision"] == 2


@pytest.mark.parametrize(
    "detail", [{"html": "<p>x</p>"}, {"layout": "2"}, {"language": "zh-Hans"}, {"section": "要闻"}]
)
def test_what_is_not_compared_amends_in_place(db, detail):
    save(db, ARTICLE)
    change = held(db)["change"]
    assert save(db, replace(ARTICLE, **detail), 2) == "unchanged"
    assert len(revisions(db)) == 1
    assert held(db)["change"] > change
    assert held(db)[next(iter(detail))] == next(iter(detail.values()))


def test_credits_are_stored_and_a_change_of_them_alone_is_nobodys(db):
    credits = (Credit("责任编辑", ("王五", "何川")), Credit("终审", ("赵六",)))
    save(db, replace(ARTICLE, credits=credits[:1]))
    before, (revision,) = held(db), revisions(db)
    assert save(db, replace(ARTICLE, credits=credits, charset="gb18030"), 2) == "unchanged"
    after = held(db)
    assert json.loads(after["credits"]) == [
        {"role": "责任编辑", "names": ["王五", "何川"]},
        {"role": "终审", "names": ["赵六"]},
    ]
    assert after["charset"] == "gb18030"
    same = ("change", "revision", "sha256", "id")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert revisions(db) == [revision | {"seen_until": "2026-03-02T00:00:00Z"}]


def test_a_revision_keeps_the_credits_of_its_time(db):
    save(db, replace(ARTICLE, credits=(Credit("终审", ("赵六",)),)))
    assert save(db, replace(ARTICLE, title="夜班食堂下周开"), 2) == "changed"
    assert json.loads(json.loads(revisions(db)[0]["content"])["credits"]) == [{"role": "终审", "names": ["赵六"]}]
    assert held(db)["credits"] == "[]"


def test_our_new_reading_of_an_unchanged_page_is_no_revision(db):
    save(db, ARTICLE)
    better = replace(ARTICLE, authors=("李雁", "何川"))
    # Today's code derives the same from the old capture as from the new one: the page did not change.
    assert save(db, better, 2, derived_with="code2", previous=better) == "amended"
    assert len(revisions(db)) == 1
    assert revisions(db)[0]["sha256"] == held(db)["sha256"] == better.sha256
    assert json.loads(held(db)["authors"]) == ["李雁", "何川"]
    assert held(db)["derived_with"] == "code2"


def test_edit_seen_with_new_code_keeps_the_old_text_as_new_code_reads_it(db):
    save(db, ARTICLE)
    old_today = replace(ARTICLE, authors=("李雁", "何川"))
    new_today = replace(old_today, text=ARTICLE.text.replace("周一", "周二"))
    assert save(db, new_today, 2, derived_with="code2", previous=old_today) == "changed"
    first, _ = revisions(db)
    content = json.loads(first["content"])
    assert json.loads(content["authors"]) == ["李雁", "何川"]
    assert "周一" in content["text"]
    assert first["sha256"] == old_today.sha256


GENERIC = replace(
    ARTICLE, source="东港日报", editors=("何川",), attachments=(Attachment("http://gh.example/a.pdf", "方案"),)
)
BARE = {"source": None, "authors": (), "editors": (), "published_at": None, "published_from": None}


def last_captures(db):
    """Whose the captures are, in order."""
    return [row["uid"] for row in db.conn.execute("SELECT uid FROM captures ORDER BY id")]


@pytest.mark.parametrize(
    "lost",
    [
        {"source": None, "editors": ()},
        {"authors": (), "attachments": ()},
        BARE,
        {"source": None, "published_at": "2026-03-01"},  # its day is what the listing says
        {"source": None, "editors": (), "title": " 夜班食堂开了", "html": "<main>…</main>", "layout": "generic"},
    ],
)
def test_a_template_without_labels_is_no_revision_and_takes_nothing(db, lost):
    save(db, GENERIC)
    before = held(db)
    assert save(db, replace(GENERIC, **lost), 2) == "kept"
    assert held(db) == before | {"fetched_at": "2026-03-02T00:00:00Z"}
    (revision,) = revisions(db)
    assert (revision["content"], revision["seen_until"]) == (None, "2026-03-02T00:00:00Z")
    assert last_captures(db) == [before["uid"], None]
    assert save(db, GENERIC, 3) == "unchanged"
    assert last_captures(db) == [before["uid"], None, before["uid"]]


@pytest.mark.parametrize(
    "edit",
    [
        {"source": None},  # one alone is taken back by the site
        {"editors": ()},
        {"source": None, "published_at": "2026-03-02"},  # another day is no part of the time
        {"source": None, "editors": ("李雁",)},
        {"source": None, "authors": (), "kicker": "夜班"},
        {"source": None, "editors": (), "text": ARTICLE.text + "周三再看。"},
        {"source": None, "editors": (), "title": "夜班食堂下周开"},
        {"source": None, "editors": (), "layout": "1"},  # a layout that does not find them says that they are gone
        {"source": "东港", "editors": ()},
    ],
)
def test_what_is_more_than_lost_labels_is_a_revision(db, edit):
    save(db, GENERIC)
    assert save(db, replace(GENERIC, **edit), 2) == "changed"


def test_what_a_layout_read_is_revised_by_what_another_one_reads(db):
    save(db, replace(GENERIC, layout="1"))
    assert save(db, replace(GENERIC, layout="2", source=None, editors=()), 2) == "changed"


def test_lost_labels_are_told_from_what_todays_code_reads_of_the_page_before(db):
    save(db, ARTICLE)
    # What was stored lacks the labels that today's code reads of the old page; the new page has them no more.
    assert save(db, ARTICLE, 2, derived_with="code2", previous=GENERIC) == "kept"
    assert save(db, replace(GENERIC, **BARE), 3, derived_with="code2", previous=GENERIC) == "kept"
    # And what today's code reads of neither is our doing.
    bare = replace(GENERIC, **BARE)
    assert save(db, bare, 4, derived_with="code2", previous=bare) == "amended"
    assert len(revisions(db)) == 1


def test_labels_that_a_layout_reads_where_none_did_are_no_edit(db):
    save(db, replace(GENERIC, **BARE))
    assert save(db, replace(GENERIC, layout="1"), 2) == "amended"
    assert len(revisions(db)) == 1
    assert save(db, replace(GENERIC, layout="1", text=ARTICLE.text + "周三再看。"), 3) == "changed"


@pytest.mark.parametrize("edit", [{"source": "东港"}, {"title": "夜班食堂下周开"}, {"published_at": "2026-03-02"}])
def test_what_a_layout_reads_otherwise_than_none_did_is_an_edit(db, edit):
    save(db, replace(GENERIC, editors=()))
    assert save(db, replace(GENERIC, layout="1", **edit), 2) == "changed"


def test_labels_that_come_back_one_by_one_are_compared_with_what_is_stored(db):
    save(db, GENERIC)
    save(db, replace(GENERIC, **BARE), 2)
    assert save(db, replace(GENERIC, source=None, editors=("何川", "李雁")), 3) == "changed"


def test_white_space_and_width_are_folded(db):
    save(db, ARTICLE)
    assert save(db, replace(ARTICLE, title=" 夜班食堂开了 "), 2) == "unchanged"
    wide = replace(ARTICLE, source="ＡＢＣ")
    save(db, wide, 3)
    assert save(db, replace(ARTICLE, source="ABC"), 4) == "unchanged"


def test_ids_sort_by_publication_and_move_with_the_date(db):
    for number, date in enumerate(["2026-03-01", "2026-03-01T08:00:00+08:00", "2026-02", None, "2025-12-31"]):
        article = replace(ARTICLE, url=f"http://gh.example/{number}", published_at=date)
        save(db, article, key=f"k{number}", day=number + 1)
    query = "SELECT published_at FROM articles ORDER BY id DESC"
    wanted = ["2026-03-01", "2026-03-01T08:00:00+08:00", "2026-02", "2025-12-31", None]
    assert [row[0] for row in db.conn.execute(query)] == wanted
    before = held(db, "k3")
    save(db, replace(ARTICLE, url="http://gh.example/3", published_at="2026-04-01"), key="k3", day=9)
    assert held(db, "k3")["id"] != before["id"]
    assert held(db, "k3")["uid"] == before["uid"]
    assert db.conn.execute(query).fetchone()[0] == "2026-04-01"


def test_a_day_holds_more_articles_than_its_counter(db):
    for number in range(1030):
        article = replace(ARTICLE, url=f"http://gh.example/{number}", published_at="2026-03-01")
        with transaction(db) as connection:
            save_article(
                connection, article, key=str(number), fetched_at="2026-03-01T00:00:00Z", captures=[], derived_with="c"
            )
    low, high, count = db.conn.execute("SELECT min(id), max(id), count(*) FROM articles").fetchone()
    assert count == 1030
    assert low == published_second("2026-03-01") * 1024
    assert high == low + 1029


@pytest.mark.parametrize(
    ("printed", "second"),
    [
        (None, 0),
        ("1970-01-01", 4 * 3600),  # noon +08:00
        ("1970-01", 14 * 86400 + 4 * 3600),
        ("1970-01-01T08:00:05+08:00", 5),
        ("1970-01-01T09:00:00+09:00", 0),
    ],
)
def test_published_second(printed, second):
    assert published_second(printed) == second


def test_change_grows_over_all_articles(db):
    numbers = []
    for number in range(3):
        save(db, replace(ARTICLE, url=f"http://gh.example/{number}"), key=f"k{number}", day=number + 1)
        numbers.append(held(db, f"k{number}")["change"])
    save(db, replace(ARTICLE, url="http://gh.example/0", title="改了"), key="k0", day=8)
    assert numbers == [1, 2, 3]
    assert held(db, "k0")["change"] == 4


def test_confirmation_needs_an_article(db):
    with transaction(db) as connection:
        assert not confirm_article(connection, "gh", "nothing", "2026-03-01T00:00:00Z", [])


def test_other_address_of_an_article_is_an_alias(db):
    save(db, ARTICLE)
    save(db, replace(ARTICLE, url="http://gh.example/show?ID=1"), 2)
    assert [tuple(row) for row in db.conn.execute("SELECT url, uid FROM aliases")] == [
        ("http://gh.example/show?ID=1", uid(ARTICLE.url))
    ]
    assert held(db)["url"] == ARTICLE.url
