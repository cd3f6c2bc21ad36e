"""`import FILE...`: what others kept becomes the archive's history, each capture in its place in time."""

import io
import json
import os
import random
import shutil
import signal
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import processes
import pytest
from foreign_files import arc, packed, record, wacz
from foreign_files import request as asked
from illustrated import PDF, picture
from local_server import LocalSite, News
from rebuilt import START, Here, Lived, differences, own_profiles, rebuild_here, tables
from test_replay import exchange, write_warc
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import clock, hidden
from archive.errors import ArchiveError
from archive.lock import lock
from archive.warc import warc_date
from crawler.rebuilding.importing import import_files

NEWS = News(4)
HTML = "text/html; charset=utf-8"
#: Tables that a rebuild makes as an import left them. `readings` tell which visit saw an article first: in order
#: of time, that is the imported one.
SAME = ("articles", "revisions", "captures", "looks", "aliases", "media", "months", "withdrawals", "runs")
BUT_FOR = {"looks": {"articles_new"}, "captures": {"run", "warc", "offset"}}
#: What a page said once, and says no more.
ONCE = "约定月底前", "当时约定年底前"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """An archive of four articles, seen on day 0 and day 10; the second was edited in between. The site is still up."""
    archive = Lived(tmp_path_factory.mktemp("import"))
    with LocalSite() as site:
        NEWS.put(site)
        archive.profile(site, article=r"/news/\d+(?:_\d+)?\.html$")
        archive.url = site.url
        archive.on(0, "crawl", "lokal")
        site.pages["/news/2.html"] = page(2, "约定下月")
        archive.on(10, "crawl", "--full", "lokal")
        archive.site = site
        yield archive


@pytest.fixture
def archive(crawled, tmp_path):
    """A copy of it."""
    shutil.copytree(crawled.path, tmp_path / "archive")
    copy = Lived.again(tmp_path / "archive")
    copy.url = crawled.url
    yield copy
    copy.end()


def page(number, promise=ONCE[0]):
    """An article's page with another promise in it."""
    return NEWS.article(number).replace(ONCE[0].encode(), promise.encode())


def at(day):
    return START + timedelta(days=day)


def seen(day):
    """The moment of a day as the archive writes it."""
    return clock.stamp(at(day))


def captured(archive, day, path, body, type_=HTML, **options):
    """An exchange of a day with the archive's site, or with another one where `path` is an address."""
    url = path if "://" in path else archive.url + path
    return exchange(url, body, type_, at(day), **options)


def made(archive, *captures, name="other.warc.gz"):
    """A WARC file of captures (day, path, body), as another archiver would write it."""
    return write_warc(archive.path.parent / name, [captured(archive, *one) for one in captures])


def take_in(archive, *paths, **options):
    """Import in this process, a hundred days after START; return what came of it."""
    with clock.using(lambda: at(100)):
        profiles = own_profiles(archive)
        return import_files(archive.directory, profiles, paths, jobs=1, pool=Here, **options)


def revisions(archive, number):
    """What an article said, by its revisions: (promise, first seen, last seen)."""
    query = """
        SELECT r.revision, coalesce(json_extract(r.content, '$.text'), a.text) AS text, r.fetched_at, r.seen_until
        FROM revisions AS r JOIN articles AS a USING (uid) WHERE a.url LIKE ? ORDER BY r.revision
    """
    rows = archive.rows(query, f"%/news/{number}.html")
    assert [row["revision"] for row in rows] == [*range(1, len(rows) + 1)]
    promise = {"约定月底前": "now", "约定下月": "later", ONCE[1]: "once"}
    return [
        (next(name for words, name in promise.items() if words in row["text"]), row["fetched_at"], row["seen_until"])
        for row in rows
    ]


def article(archive, number):
    (row,) = archive.rows("SELECT * FROM articles WHERE url LIKE ?", f"%/news/{number}.html")
    return row


# Its place in time.


def test_what_a_page_said_before_is_an_earlier_revision(archive):
    change = article(archive, 1)["change"]
    imported = take_in(archive, made(archive, (-100, "/news/1.html", page(1, ONCE[1]))))
    assert (imported.responses, imported.articles_changed, imported.articles_new, imported.failed) == (1, 1, 0, 0)
    assert revisions(archive, 1) == [("once", seen(-100), seen(-100)), ("now", seen(0), seen(10))]
    held = article(archive, 1)
    assert (held["revision"], held["first_seen_at"], held["fetched_at"]) == (2, seen(-100), seen(10))
    assert ONCE[0] in held["text"]
    assert held["change"] > change
    (capture,) = archive.rows("SELECT * FROM captures WHERE fetched_at < ?", seen(-1))
    assert (capture["uid"], capture["url"]) == (held["uid"], archive.url + "/news/1.html")
    assert archive.problems() == []


def test_the_same_before_is_no_revision_but_was_seen_earlier(archive):
    imported = take_in(archive, made(archive, (-100, "/news/1.html", page(1))))
    assert (imported.articles_changed, imported.articles_unchanged) == (0, 1)
    assert revisions(archive, 1) == [("now", seen(-100), seen(10))]
    assert article(archive, 1)["first_seen_at"] == seen(-100)
    (first,) = archive.rows("SELECT capture FROM revisions WHERE uid = ?", article(archive, 1)["uid"])
    assert archive.rows("SELECT fetched_at FROM captures WHERE id = ?", first["capture"])[0]["fetched_at"] < seen(0)
    assert archive.problems() == []


def test_what_a_page_said_between_two_revisions_is_one_between_them(archive):
    take_in(archive, made(archive, (4, "/news/2.html", page(2, ONCE[1]))))
    assert revisions(archive, 2) == [
        ("now", seen(0), seen(0)), ("once", seen(4), seen(4)), ("later", seen(10), seen(10)),
    ]  # fmt: skip
    assert archive.problems() == []


def test_the_same_between_two_revisions_lengthens_the_one_it_is_of(archive):
    take_in(archive, made(archive, (4, "/news/2.html", page(2)), (6, "/news/2.html", page(2, "约定下月"))))
    assert revisions(archive, 2) == [("now", seen(0), seen(4)), ("later", seen(6), seen(10))]
    assert archive.problems() == []


def test_what_a_page_said_while_one_revision_was_seen_makes_two_of_it(archive):
    take_in(archive, made(archive, (5, "/news/1.html", page(1, ONCE[1]))))
    assert revisions(archive, 1) == [
        ("now", seen(0), seen(0)), ("once", seen(5), seen(5)), ("now", seen(10), seen(10)),
    ]  # fmt: skip
    assert article(archive, 1)["revision"] == 3
    assert archive.problems() == []


def test_what_a_page_says_later_is_its_present_revision(archive):
    take_in(archive, made(archive, (20, "/news/1.html", page(1, ONCE[1]))))
    assert revisions(archive, 1) == [("now", seen(0), seen(10)), ("once", seen(20), seen(20))]
    assert ONCE[1] in article(archive, 1)["text"]
    assert archive.problems() == []


def test_an_article_that_was_not_known_comes_with_all_its_revisions(archive):
    captures = [(-30, "/news/9.html", page(9)), (-60, "/news/9.html", page(9, ONCE[1])), (-20, "/news/9.html", page(9))]
    imported = take_in(archive, made(archive, *captures))
    assert (imported.articles_new, imported.articles_changed) == (1, 1)
    assert revisions(archive, 9) == [("once", seen(-60), seen(-60)), ("now", seen(-30), seen(-20))]
    assert archive.problems() == []


def test_the_order_of_files_and_of_what_is_in_them_does_not_matter(archive, crawled, tmp_path):
    other = tmp_path / "again"
    shutil.copytree(archive.path, other)
    again = Lived.again(other)
    again.url = archive.url
    one = made(archive, (5, "/news/1.html", page(1, ONCE[1])), (-9, "/news/1.html", page(1, ONCE[1])), name="a.warc.gz")
    two = made(archive, (3, "/news/1.html", page(1)), (-5, "/news/1.html", page(1)), name="b.warc.gz")
    take_in(archive, one, two)
    take_in(again, two)
    take_in(again, one)
    assert revisions(archive, 1) == revisions(again, 1)
    assert [promise for promise, *_ in revisions(archive, 1)] == ["once", "now", "once", "now"]
    assert again.problems() == archive.problems() == []


def test_after_an_import_a_rebuild_gives_the_same(archive):
    take_in(
        archive,
        made(
            archive,
            (-100, "/news/1.html", page(1, ONCE[1])),
            (5, "/news/1.html", page(1, ONCE[1])),
            (4, "/news/2.html", page(2, ONCE[1])),
            (-100, "/news/3.html", page(3)),
            (20, "/news/3.html", page(3, ONCE[1])),
            (-60, "/news/9.html", page(9)),
        ),
    )
    rebuilt_as_it_is(archive)
    assert archive.problems() == []


@pytest.mark.parametrize("seed", range(5))
def test_captures_in_any_order_give_the_revisions_of_their_order_in_time(archive, seed):
    chance = random.Random(seed)
    number, said = chance.choice((1, 2)), (ONCE[0], ONCE[1], "约定下月")
    days = [day + chance.random() for day in chance.sample((-80, -60, -40, -20, 2, 3, 5, 7, 8, 12, 15, 20), 6)]
    captures = [(day, f"/news/{number}.html", page(number, chance.choice(said))) for day in days]
    while captures:
        some = [captures.pop() for _ in range(min(len(captures), chance.randint(1, 3)))]
        take_in(archive, made(archive, *some, name=f"{len(captures)}.warc.gz"))
    told = revisions(archive, number)
    assert archive.problems() == []
    archive.forget()
    rebuild_here(archive)
    assert revisions(archive, number) == told


def test_an_earlier_capture_is_not_taken_for_what_the_article_said_last(archive, crawled):
    """Where other code read the article, what it said last is read again before it is compared."""
    take_in(archive, made(archive, (-100, "/news/1.html", page(1, ONCE[1]))))
    with closing(archive.directory.open_database()) as db:
        db.execute("UPDATE articles SET derived_with = 'other code'")
    kept = crawled.site.pages["/news/1.html"]
    crawled.site.pages["/news/1.html"] = page(1, "约定下月")
    archive.on(20, "crawl", "--full", "lokal")
    crawled.site.pages["/news/1.html"] = kept
    assert [promise for promise, *_ in revisions(archive, 1)] == ["once", "now", "later"]


# Once, and not again.


def test_what_is_held_is_not_taken_in_again(archive):
    path = made(archive, (-100, "/news/1.html", page(1, ONCE[1])), (5, "/news/9.html", page(9)))
    take_in(archive, path)
    before = tables(archive.path / "archive.db")
    imported = take_in(archive, path)
    assert (imported.responses, imported.known, imported.sites) == (0, 2, [])
    after = tables(archive.path / "archive.db")
    assert differences(before, after) == []


def test_the_archives_own_files_hold_nothing_new(archive):
    before = tables(archive.path / "archive.db")
    files = sorted(archive.directory.warc.glob("*.warc.gz"))
    for number, path in enumerate(files):
        shutil.copy(path, archive.path.parent / f"{number}.warc.gz")
    imported = take_in(archive, *(archive.path.parent / f"{number}.warc.gz" for number in range(len(files))))
    assert imported.responses == 0
    assert imported.known >= 9
    assert differences(before, tables(archive.path / "archive.db")) == []


def test_a_record_that_two_files_hold_is_kept_once(archive):
    path = made(archive, (-100, "/news/1.html", page(1, ONCE[1])))
    copy = shutil.copy(path, path.with_name("copy.warc.gz"))
    imported = take_in(archive, path, type(path)(copy))
    assert imported.responses == 1
    assert len(revisions(archive, 1)) == 2


@pytest.mark.parametrize("together", [True, False], ids=["together", "one after the other"])
def test_an_answer_that_two_files_hold_under_two_record_ids_is_kept_once(archive, together):
    day = (-100, "/news/1.html", page(1, ONCE[1]))
    paths = [made(archive, day, name=f"{name}.warc.gz") for name in ("one", "other")]
    imports = [take_in(archive, *paths)] if together else [take_in(archive, path) for path in paths]
    assert sum(one.responses for one in imports) == sum(one.known for one in imports) == 1
    assert len(revisions(archive, 1)) == 2


def test_an_import_that_was_killed_is_done_again(archive):
    path = made(archive, (-100, "/news/1.html", page(1, ONCE[1])), (-60, "/news/9.html", page(9)))
    process = processes.start(_import_and_die, str(archive.path), str(path))
    process.communicate(timeout=60)
    assert process.returncode == -9
    imported = take_in(archive, path)
    assert (imported.articles_new, imported.articles_changed) == (1, 1)
    assert [promise for promise, *_ in revisions(archive, 1)] == ["once", "now"]
    assert archive.problems() == []
    # Of the run that died, nothing else is left; and its records are as good as those that were written again.
    rebuilt_as_it_is(archive, "articles", "revisions", places=False)


def _import_and_die(archive, path):
    """Import, and be killed when the records lie in warc/ and nothing was told."""
    from crawler.rebuilding import importing

    importing.index_files = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    take_in(Lived.again(Path(archive)), Path(path))


# What else the files tell.


def test_listings_in_a_file_tell_sections_and_dates(archive):
    profile = archive.directory.sites / "lokal.toml"
    text = profile.read_text(encoding="utf-8").replace('date = "div.info"\n', "")
    profile.write_text(text, encoding="utf-8")
    undated = page(9).replace(b"<div class=info>", b"<div class=info hidden>").split(b"<div class=info")
    body = undated[0] + b"<div" + undated[1].partition(b">")[2].partition(b"</div>")[2].join([b">", b""])
    listing = '<meta charset=utf-8><ul><li><a href="/news/9.html">修鞋摊搬进服务站（9）</a><span>2018-03-04</span></ul>'
    take_in(archive, made(archive, (-60, "/news/9.html", body), (-61, "/list/", listing.encode())))
    held = article(archive, 9)
    assert (held["section"], held["published_at"], held["published_from"]) == ("要闻", "2018-03-04", "listing")
    assert archive.rows("SELECT * FROM looks WHERE day < '2026-10-01'") == []  # nobody of this archive looked
    assert archive.problems() == []


END = b"</div><p class=foot>"
PAGER = b'<p><a href="/news/9.html">1</a> <a href="/news/9_2.html">2</a></p>'
SHOWN = '<p><img src="/pic/a.png" width=600></p><p><a href="/f/form.pdf">附件：登记表</a></p>'.encode()


def test_further_pages_pictures_and_files_come_with_their_article(archive):
    first = page(9).replace(END, PAGER + SHOWN + END)
    second = page(8).replace(END, PAGER + END)
    path = made(
        archive,
        (-60, "/news/9_2.html", second),  # by its address, an article of its own
        (-60, "/news/9.html", first),
        (-60, "/pic/a.png", picture(1), "image/png"),
        (-60, "/f/form.pdf", PDF, "application/pdf"),
        (-60, "/pic/other.png", picture(2), "image/png"),
    )
    imported = take_in(archive, path)
    assert (imported.responses, imported.articles_new, imported.failed) == (4, 1, 0)
    held = article(archive, 9)
    assert "第9号消息" in held["text"]
    assert "第8号消息" in held["text"]
    digests = [one["digest"] for one in json.loads(held["images"]) + json.loads(held["attachments"])]
    assert len(digests) == 2
    assert None not in digests
    parts = archive.rows("SELECT part FROM captures WHERE uid = ? ORDER BY part", held["uid"])
    assert [row["part"] for row in parts] == [1, 2]
    assert archive.problems() == []
    rebuilt_as_it_is(archive)


def test_an_article_whose_second_page_is_in_no_file_is_kept_as_far_as_it_goes(archive):
    imported = take_in(archive, made(archive, (-60, "/news/9.html", page(9).replace(END, PAGER + END))))
    assert imported.articles_new == 1
    assert "第9号消息" in article(archive, 9)["text"]
    (row,) = archive.rows("SELECT state, error FROM frontier WHERE url LIKE '%/9.html'")
    assert row["state"] == "done"
    assert "ends before page 2, which is missing" in row["error"]
    assert archive.problems() == []
    rebuilt_as_it_is(archive)


def test_an_earlier_state_of_several_pages_is_kept_and_told_by_a_rebuild(archive):
    now, once = ([page(9, said).replace(END, PAGER + END), page(8, said).replace(END, PAGER + END)] for said in ONCE)
    paths = "/news/9.html", "/news/9_2.html"
    take_in(archive, made(archive, *((-60, path, body) for path, body in zip(paths, now, strict=True))))
    earlier = ((-90, path, body) for path, body in zip(paths, once, strict=True))
    imported = take_in(archive, made(archive, *earlier, name="earlier.warc.gz"))
    assert any("told in its place by `import --rebuild`" in one for one in imported.problems)
    assert [promise for promise, *_ in revisions(archive, 9)] == ["now"]
    assert archive.problems() == []
    archive.forget()
    rebuild_here(archive)
    assert revisions(archive, 9) == [("once", seen(-90), seen(-90)), ("now", seen(-60), seen(-60))]
    assert archive.problems() == []


def test_a_replay_of_an_article_of_several_pages_is_rebuilt_too(archive):
    """The second page's record lies in warc/ once, as that of an article of its own."""
    second = page(8).replace(END, PAGER + END)
    first = page(9).replace(END, PAGER + END)
    path = made(archive, (20, "/news/9.html", first), (20, "/news/9_2.html", second))
    archive.on(30, "crawl", "lokal", "--replay", str(path))
    assert "第8号消息" in article(archive, 9)["text"]
    assert archive.problems() == []
    rebuilt_as_it_is(archive)


def rebuilt_as_it_is(archive, *which, places=True):
    """A rebuild makes the same of it; but what was imported was not new to the visits that came later."""
    before, exported = tables(archive.path / "archive.db"), given_out(archive, places)
    archive.forget()
    rebuild_here(archive)
    after = tables(archive.path / "archive.db")
    assert differences({table: before[table] for table in which or SAME}, after, BUT_FOR) == []
    assert given_out(archive, places) == exported


def given_out(archive, places=True):
    """The export, with or without where its captures lie; these stand in the order in which they came."""
    exported = archive.export()
    for one in exported.values():
        for capture in one["captures"] if not places else ():
            del capture["warc"], capture["offset"]
        one["captures"].sort(key=lambda capture: capture["record_id"])
    return exported


@pytest.mark.parametrize("form", ["warcio", "warcio plain", "arc", "wacz"])
def test_files_of_other_programs_are_taken_in(archive, form):
    url, body = archive.url + "/news/9.html", page(9)
    path = archive.path.parent / "hewan"
    if form.startswith("warcio"):
        path.write_bytes(by_warcio(url, body, at(-60), gzip=form == "warcio"))
    elif form == "arc":
        block = b"HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        path.write_bytes(b"".join(arc((url, at(-60).strftime("%Y%m%d%H%M%S"), block))))
    else:
        wacz(path, {"archive/data.warc.gz": by_warcio(url, body, at(-60), gzip=True)})
    imported = take_in(archive, path)
    assert (imported.articles_new, imported.problems) == (1, [])
    assert article(archive, 9)["first_seen_at"] == seen(-60)
    assert archive.problems() == []


def by_warcio(url, body, moment, *, gzip):
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzip)
    head = StatusAndHeaders("200 OK", [("Content-Type", HTML)], protocol="HTTP/1.1")
    dated = {"WARC-Date": clock.stamp(moment)}
    one = writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=head, warc_headers_dict=dated)
    writer.write_record(one)
    one.raw_stream.close()
    return out.getvalue()


def test_hosts_without_a_profile_are_counted_and_generic_takes_them_in(archive):
    url = "http://www.hewan.example.org/news/7.html"
    path = made(archive, (-60, url, page(7)), (-60, "http://cdn.example.org/x.js", b"1", "text/javascript"))
    imported = take_in(archive, path)
    assert imported.hosts == {"www.hewan.example.org": 1, "cdn.example.org": 1}
    assert (imported.responses, imported.sites) == (0, [])
    imported = take_in(archive, path, generic=True)
    assert imported.made == ["imported_hewan_example_org"]
    assert imported.hosts == {"cdn.example.org": 1}
    (held,) = archive.rows("SELECT site, layout, url FROM articles WHERE site != 'lokal'")
    assert held == {"site": "imported_hewan_example_org", "layout": "generic", "url": url}
    profile = (archive.directory.sites / "imported_hewan_example_org.toml").read_text(encoding="utf-8")
    assert 'status = "paused"' in profile
    assert archive.problems() == []


# What is left out, and what is refused.


def test_what_is_no_page_of_the_site_is_left_out_with_counts(archive):
    ok = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(9)
    gone = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<h1>404</h1>"
    url, date = archive.url + "/news/9.html", warc_date(at(-60))
    path = archive.path.parent / "left.warc.gz"
    path.write_bytes(
        packed(
            record(gone, number=1, url=url, date=date),
            record(ok, number=2, url=url, date=date),
            asked(of=2, number=102, method="POST", url=url),
            record(ok[:-300], "WARC-Truncated: length", number=3, url=url, date=date),
            record(ok, number=4, url=archive.url + "/about.html", date=date),
            record(ok, number=5, url=url, date=warc_date(at(300))),
        )
    )
    imported = take_in(archive, path)
    assert imported.responses == 0
    assert imported.left_out == {"HTTP 404": 1, "asked for by POST": 1, "cut off": 1, "no article, by its address": 1}
    assert imported.passed["future"] == 1
    assert "lies in the future" in " ".join(imported.problems)
    assert archive.rows("SELECT 1 FROM articles WHERE url LIKE '%/9.html'") == []


def test_a_page_that_is_no_article_is_kept_and_counted(archive):
    imported = take_in(
        archive, made(archive, (-60, "/news/9.html", b"<h1>x</h1>"), (-60, "/news/1.html", b"<h1>x</h1>"))
    )
    assert imported.responses == 2
    assert imported.failed >= 1
    assert revisions(archive, 1) == [("now", seen(0), seen(10))]
    assert len(archive.rows("SELECT 1 FROM captures WHERE fetched_at < ?", seen(-1))) == 2
    assert archive.problems() == []


def test_a_site_that_is_being_crawled_is_left_for_later_in_one_line(archive):
    path = made(archive, (-60, "/news/9.html", page(9)), (-60, "/news/8.html", page(8)))
    with closing(lock(archive.directory.locks / "lokal.lock", "a crawl")):
        imported = take_in(archive, path)
    (problem,) = imported.problems
    assert problem.startswith("lokal: this site is being crawled")
    assert problem.endswith("then import the file again")
    assert imported.left_out == {"its site is being crawled": 2}
    assert take_in(archive, path).articles_new == 2


def test_a_file_that_is_nothing_of_the_kind_is_refused_before_anything_is_written(archive):
    good = made(archive, (-60, "/news/9.html", page(9)))
    bad = archive.path.parent / "notes.txt"
    bad.write_text("no WARC file")
    before = {path: path.read_bytes() for path in archive.path.rglob("*") if path.is_file()}
    with pytest.raises(ArchiveError, match=r"notes.txt: is no WARC, ARC or WACZ file"):
        take_in(archive, good, bad)
    assert {path: path.read_bytes() for path in archive.path.rglob("*") if path.is_file()} == before
    ended = archive.command("import", str(good), str(bad))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.said.startswith(f"Error: {bad}: is no WARC")


def test_a_restricted_article_gets_its_earlier_revision_out_of_sight(archive):
    uid = article(archive, 1)["uid"]
    archive.on(11, "restrict", uid, "--reason", "asked for")
    take_in(archive, made(archive, (-100, "/news/1.html", page(1, ONCE[1]))))
    assert archive.rows("SELECT 1 FROM articles WHERE uid = ?", uid) == []
    assert archive.rows("SELECT 1 FROM revisions WHERE uid = ?", uid) == []
    with closing(hidden.open_restricted(archive.path / hidden.FILE)) as db:
        (held,) = db.conn.execute("SELECT revision, first_seen_at FROM articles").fetchall()
        assert (held["revision"], held["first_seen_at"]) == (2, seen(-100))
        assert len(db.conn.execute("SELECT 1 FROM revisions").fetchall()) == 2
    assert archive.problems() == []


def test_the_command_says_in_words_and_in_json_what_it_took_in(archive):
    path = made(archive, (-60, "/news/9.html", page(9)), (-60, "/about.html", page(7)))
    said = json.loads(archive.on(50, "import", "--jobs", "1", "--json", str(path)))
    assert {name: said[name] for name in ("responses", "articles_new", "sites")} == {
        "responses": 1, "articles_new": 1, "sites": ["lokal"],
    }  # fmt: skip
    words = archive.on(50, "import", "--jobs", "1", str(path))
    assert words.splitlines()[0].startswith("0 responses taken in, 1 were held already")
    assert "left out of these sites: no article, by its address 1" in words
    (run,) = archive.rows("SELECT outcome, options FROM runs WHERE options LIKE '%import%'")
    assert run == {"outcome": "finished", "options": '{"import": ["other.warc.gz"]}'}


def test_a_file_that_holds_nothing_of_these_sites_exits_with_1(archive):
    path = made(archive, (-60, "http://www.hewan.example.org/news/7.html", page(7)))
    said = archive.on(50, "import", "--jobs", "1", str(path), status=1)
    assert "hosts without a profile: www.hewan.example.org 1" in said
