"""Exports: in order of change, each change once, exact filters, formats that read back."""

import csv
import io
import json
import re
import sqlite3
from datetime import date

import pytest
from filled import Filler, article, filled, reading, rows

from archive import export as exporting
from archive.article import EXPORTED, Attachment, Credit, Image
from archive.directory import ArchiveDirectory
from archive.errors import ArchiveError
from archive.export import check, export, last_change, whole_file, write_csv, write_json, write_jsonl
from archive.search import index
from archive.search.selection import QueryError, Selection


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 2)


def exported(directory: ArchiveDirectory, **options) -> list[dict]:
    asked = {name: options.pop(name) for name in ("revisions", "since") if name in options}
    with reading(directory) as db:
        return list(export(db, Selection(**options), **asked))


def titles(directory: ArchiveDirectory, **filters) -> list[str]:
    return [one["title"] for one in exported(directory, **filters)]


def numbers(directory: ArchiveDirectory, **filters) -> list[str]:
    """The numbers in the titles, `第3期…`, or the whole title where it has none."""
    return ["".join(filter(str.isdigit, title)) or title for title in titles(directory, **filters)]


def test_an_article_has_the_keys_of_the_contract_in_order(tmp_path):
    filler = Filler(tmp_path)
    written = article(
        3,
        kicker="“匠心筑梦”",
        authors=("李晓", "王大山"),
        credits=(Credit("终审", ("赵六",)),),
        images=(Image("http://chengnan.example.org/a.jpg", "开班现场"),),
        attachments=(Attachment("http://chengnan.example.org/b.pdf", "报名表"),),
        damaged=True,
    )
    filler.page(written)
    directory = filler.close()
    (one,) = exported(directory)
    assert tuple(one) == EXPORTED
    assert (one["title"], one["url"], one["text"]) == (written.title, written.url, written.text)
    assert one["authors"] == ["李晓", "王大山"]
    assert one["editors"] == []
    assert one["images"] == [{"url": "http://chengnan.example.org/a.jpg", "caption": "开班现场", "digest": None}]
    assert one["attachments"] == [{"url": "http://chengnan.example.org/b.pdf", "name": "报名表", "digest": None}]
    assert one["damaged"] is True
    assert one["subtitle"] is None
    assert (one["revision"], one["sha256"], one["change"]) == (1, written.sha256, 1)
    assert one["captures"] == rows(directory, "SELECT warc, record_id, offset, digest FROM captures")


def test_every_capture_of_an_article_is_named_in_order(tmp_path):
    filler = Filler(tmp_path)
    for title in ("一", "二", "三"):
        filler.page(article(1, title=f"技能培训班开班通知{title}"))
    (one,) = exported(filler.close())
    assert len(one["captures"]) == 3
    assert [capture["offset"] for capture in one["captures"]] == sorted(c["offset"] for c in one["captures"])


def test_articles_come_in_order_of_change_across_pages(tmp_path, small_pages):
    filler = Filler(tmp_path)
    for number in (5, 2, 9, 1, 7):
        filler.page(article(number))
    filler.page(article(2, title="第2期技能培训班延期"))
    directory = filler.close()
    assert numbers(directory) == ["5", "9", "1", "7", "2"]
    changes = [one["change"] for one in exported(directory)]
    assert changes == sorted(changes)


def test_since_gives_what_changed_after_it_and_nothing_twice(tmp_path, small_pages):
    filler = Filler(tmp_path)
    for number in range(1, 6):
        filler.page(article(number))
    since = last_change(filler.db)
    assert numbers(filler.directory, since=since) == []
    filler.page(article(6))
    filler.page(article(3, text="第3期培训班改在市图书馆开课，请学员互相转告。"))
    assert numbers(filler.directory, since=since) == ["6", "3"]
    filler.close()


def test_what_changes_during_an_export_is_left_for_the_next(tmp_path, small_pages):
    filler = Filler(tmp_path)
    for number in range(1, 7):
        filler.page(article(number))
    until = last_change(filler.db)
    reader = filler.directory.read_database()
    running = export(reader)
    seen = [next(running)["title"]]
    filler.page(article(5, title="第5期技能培训班取消"))
    filler.page(article(8))
    seen += [one["title"] for one in running]
    assert ["".join(filter(str.isdigit, title)) for title in seen] == ["1", "2", "3", "4", "6"]
    reader.close()
    assert titles(filler.directory, since=until) == ["第5期技能培训班取消", article(8).title]
    filler.close()


def test_no_read_transaction_stays_open_between_articles(tmp_path, small_pages):
    filler = Filler(tmp_path)
    for number in range(1, 7):
        filler.page(article(number))
    reader = filler.directory.read_database()
    running = export(reader)
    for _ in range(3):
        next(running)
        filler.page(article(9, title=f"第9期通知{_}"))
        # A reader that held a transaction would keep the WAL from being emptied.
        busy, *_rest = filler.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert busy == 0
    reader.close()
    filler.close()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sites": ("yunhe",)}, ["Spring meeting held"]),
        ({"sites": ("yunhe", "chengnan")}, ["1", "2", "3", "4", "5", "Spring meeting held"]),
        ({"sections": ("工会要闻",)}, ["1", "2", "3", "4", "5"]),
        ({"sections": ("工会",)}, []),
        ({"languages": ("en",)}, ["Spring meeting held"]),
        ({"query": "第3期培训班"}, ["3"]),
        ({"query": "spring"}, ["Spring meeting held"]),
        ({"query": "第_期"}, []),
        ({"query": "培训 -第3期", "since": 1}, ["2", "4", "5", "Spring meeting held"]),
        ({"years": ("2024",)}, []),
        ({"after": date(2025, 2, 4)}, ["4", "5"]),
        ({"before": date(2025, 2, 2)}, ["1", "Spring meeting held"]),
        ({"after": date(2025, 2, 2), "before": date(2025, 2, 4)}, ["2", "3"]),
        ({"sites": ("chengnan",), "languages": ("en",)}, []),
        ({"since": 4}, ["5", "Spring meeting held"]),
    ],
)
def test_filters_narrow(tmp_path, small_pages, filters, expected):
    assert numbers(filled(tmp_path), **filters) == expected


def test_dates_compare_by_the_day_that_is_printed(tmp_path):
    filler = Filler(tmp_path)
    dates = ["2025-02-10T00:30:00+08:00", "2025-02-10T23:59:00+08:00", "2025-02-10", "2025-02", None]
    for number, published in enumerate(dates, start=1):
        filler.page(article(number, published_at=published))
    directory = filler.close()
    assert numbers(directory, after=date(2025, 2, 10), before=date(2025, 2, 11)) == ["1", "2", "3"]
    # A month counts as its 15th; without a date nothing is known.
    assert numbers(directory, after=date(2025, 2, 15)) == ["4"]
    assert numbers(directory, after=date(2025, 2, 16)) == []
    assert numbers(directory, before=date(2030, 1, 1)) == ["1", "2", "3", "4"]
    assert len(numbers(directory)) == 5


def test_a_site_that_is_not_there_is_named(tmp_path):
    with (
        reading(filled(tmp_path)) as db,
        pytest.raises(QueryError, match="site 'chengbei': not in this archive; did you mean chengnan"),
    ):
        check(db, Selection(sites=("chengnan", "chengbei")))


def test_a_since_beyond_the_archive_is_named(tmp_path):
    with reading(filled(tmp_path)) as db:
        check(db, Selection(), 6)
        with pytest.raises(QueryError, match="since 7: the archive's last change is 6"):
            check(db, Selection(), 7)


def test_an_empty_archive_exports_nothing(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    directory.open_database().close()
    with reading(directory) as db:
        assert last_change(db) == 0
    assert exported(directory) == []


def test_revisions_come_with_what_they_said(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1, authors=("李晓",)))
    filler.page(article(1, authors=("李晓", "赵一"), title="第1期技能培训班延期"))
    directory = filler.close()
    (one,) = exported(directory, revisions=True)
    assert tuple(one) == (*EXPORTED, "revisions", "withdrawals")
    first, second = one["revisions"]
    assert (first["revision"], second["revision"]) == (1, 2)
    assert first["content"]["title"] == article(1).title
    assert first["content"]["authors"] == ["李晓"]
    assert first["sha256"] == article(1, authors=("李晓",)).sha256
    assert second["content"] is None
    assert second["sha256"] == one["sha256"]


def test_a_column_that_is_no_json_is_named(tmp_path):
    directory = filled(tmp_path, 1)
    with sqlite3.connect(directory.database) as connection:
        index.register(connection)
        connection.execute("UPDATE articles SET authors = '[' WHERE change = 1")
    connection.close()
    with pytest.raises(ArchiveError, match=r"article [0-9a-f]{16}: its authors are no JSON .*reparse"):
        exported(directory)


def written(writer, directory: ArchiveDirectory, **filters) -> str:
    out = io.StringIO()
    with reading(directory) as db:
        writer(export(db, Selection(**filters)), out)
    return out.getvalue()


def test_json_lines_and_json_hold_the_same(tmp_path):
    directory = filled(tmp_path)
    lines = [json.loads(line) for line in written(write_jsonl, directory).splitlines()]
    assert len(lines) == 6
    assert lines == json.loads(written(write_json, directory))
    assert lines == exported(directory)
    assert "技能培训班" in written(write_jsonl, directory)


@pytest.mark.parametrize(
    ("writer", "nothing"),
    [(write_jsonl, ""), (write_json, "[]\n"), (write_csv, ",".join(EXPORTED) + "\r\n")],
)
def test_no_articles_are_still_a_right_file(tmp_path, writer, nothing):
    assert written(writer, filled(tmp_path), languages=("ko",)) == nothing


def test_csv_has_one_row_an_article(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1, authors=("李晓", "王大山"), title='他说："开班，了"', kicker=None))
    (row,) = csv.DictReader(io.StringIO(written(write_csv, filler.close())))
    assert tuple(row) == EXPORTED
    assert row["title"] == '他说："开班，了"'
    assert row["text"] == article(1).text
    assert row["authors"] == "李晓; 王大山"
    assert (row["kicker"], row["editors"], row["damaged"]) == ("", "", "false")
    assert json.loads(row["captures"])[0]["offset"] > 0


def csv_cells(text: str) -> tuple[str, str, str]:
    """A text as CSV writes it: as title, as only author, and as one of two."""
    one = dict.fromkeys(EXPORTED) | {"title": text, "authors": [text], "editors": ["赵一", text]}
    write_csv([one], out := io.StringIO())
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    # Whoever wants the text back takes the apostrophe away, as write_csv says.
    assert re.sub("^'('*[=+\\-@\t\r\n＝＋－＠])", r"\1", row["title"]) == text
    return row["title"], row["authors"], row["editors"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+86 10", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", "'=1", "''@x", "'\t"],
)
def test_a_csv_cell_that_a_spreadsheet_could_run_starts_with_an_apostrophe_more(text):
    assert csv_cells(text) == ("'" + text, "'" + text, f"赵一; {text}")


@pytest.mark.parametrize("text", ["开班", "1-2=3", " =1", "'开班'", "''", "——编者按", "“=”", "[1]", ""])
def test_any_other_csv_cell_stays_as_it_is(text):
    assert csv_cells(text) == (text, text, f"赵一; {text}")


def test_csv_numbers_and_lists_of_objects_are_no_text():
    one = dict.fromkeys(EXPORTED) | {"change": -1, "images": [{"url": "=1"}], "authors": []}
    write_csv([one], out := io.StringIO())
    (row,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert (row["change"], row["images"], row["authors"]) == ("-1", '[{"url":"=1"}]', "")


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("before")
    path.chmod(0o640)
    with whole_file(path) as file:
        file.write("工会")
        file.flush()
        assert path.read_text() == "before"
    assert path.read_text(encoding="utf-8") == "工会"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_stays_as_it_was_when_the_work_fails(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("before")

    def fail():
        with whole_file(path) as file:
            file.write("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.jsonl").write_text("before")
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    with whole_file(tmp_path / "link.jsonl") as file:
        file.write("after")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").read_text() == "after"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    path = tmp_path / "missing" / "out.jsonl"
    with (
        pytest.raises(ArchiveError, match=r"out\.jsonl: cannot be written .*name another file with -o"),
        whole_file(path),
    ):
        pass
