"""Attachments: what is read of each kind of file, where it is kept, and that it is read once."""

import json
import sqlite3
import subprocess
import sys

import made_files as made
import pytest
from commands import run
from filled import Filler, article, rows

from archive.article import Attachment, uid
from archive.attachments import RULES, AttachmentText, keeping, process, read
from archive.attachments.text import MAX_OF_ARTICLE, tidy, unwrapped
from archive.restricting import lift, restrict
from archive.search.find import count
from archive.search.selection import Selection
from crawler.crawling import read_attachments

HOST = "http://chengnan.example.org"
PDF = made.pdf([["关于做好职工疗休养工作的通知", "请于五月底前报送名单。"], ["附件：报名表"]])


def said(content: bytes, name: str = "file") -> str:
    found = read(content, name)
    assert found.error is None
    return found.text


@pytest.mark.parametrize(
    ("encoding", "codec"), [("GBK-EUC-H", "gbk"), ("GB-EUC-H", "gb2312"), ("UniGB-UTF16-H", "utf-16-be")]
)
def test_chinese_of_a_pdf_whose_font_is_only_named_is_read(encoding, codec):
    found = read(made.pdf([["职工疗休养"], ["第二页"]], encoding=encoding, codec=codec), "a.pdf")
    assert found == AttachmentText("pdf", 2, "职工疗休养\n\n第二页", None, found.size)


def test_a_word_that_a_line_of_a_page_breaks_is_whole():
    lines = ["关于进一步做好二〇二五年职工疗休养工", "作的通知，请各单位认真遵照执行，有关要", "求如下：", "报名"]
    assert "疗休养工作的通知" in said(made.pdf([lines]))
    assert unwrapped("\n".join(lines)).split("\n")[-1] == "报名"


def test_short_lines_and_latin_ones_stay_lines():
    page = "姓名 单位\n林述禾 纺织厂\nThe annual meeting of all trade\nunions was held in May this year"
    assert unwrapped(page) == page


def test_paragraphs_cells_and_breaks_of_a_word_file_are_read_and_what_is_not_shown_is_not():
    row = "".join(f"<w:tc>{made.paragraph(text)}</w:tc>" for text in ("姓名", "单位"))
    settings = "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t></w:r></w:p>"
    gone = "<w:p><w:r><w:delText>删去</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>"
    body = f"{made.paragraph('职工', '之家')}<w:tbl><w:tr>{row}</w:tr></w:tbl>{settings}{gone}"
    assert said(made.docx(body)) == "职工之家\n姓名\t单位\n甲\t乙"


@pytest.mark.parametrize(
    ("content", "kind", "pages", "text"),
    [
        (made.xls(), "xls", 1, "报名表\n姓名\t单位\t人数\n林述禾\t第一棉纺厂\t12\n王大山\t港务局\t3.5"),
        (made.xlsx([["姓名", "人数"], ["", ""], ["林述禾", 12.0]]), "xlsx", 1, "报名表\n姓名\t人数\n林述禾\t12"),
        (made.pptx([f"第{n}张" for n in range(1, 12)]), "pptx", 11, "\n\n".join(f"第{n}张" for n in range(1, 12))),
        (made.odt("<text:h>标题</text:h><text:p>正<text:span>文</text:span></text:p>"), "odt", None, "标题\n正文"),
        (made.ofd([["红头文件", "第一行"], ["第二页"]]), "ofd", 2, "红头文件\n第一行\n\n第二页"),
        ("姓名,单位\n林述禾,纺织厂".encode("gb18030"), "csv", None, "姓名,单位\n林述禾,纺织厂"),
        ("\ufeff工会通知".encode("utf-16-le"), "csv", None, "工会通知"),
    ],
)
def test_each_kind_of_file_is_read(content, kind, pages, text):
    assert read(content, "报名表.csv") == AttachmentText(kind, pages, text, None, len(content))


def test_a_file_is_what_its_bytes_say_whatever_it_is_called():
    assert read(PDF, "报名表.docx").kind == "pdf"
    assert read(made.xls(), "a.pdf").kind == "xls"
    page = read(b"<!DOCTYPE html><html><body>404</body></html>", f"{HOST}/b.pdf", "application/pdf")
    assert (page.kind, page.text, page.error) == ("html", "", "a page of the web, and no PDF")


@pytest.mark.parametrize(
    ("content", "kind", "error"),
    [
        (made.pdf([[], []]), "pdf", "no text in it: 2 pages of pictures"),
        (made.locked_pdf(), "pdf", "locked with a password"),
        (made.ole("EncryptionInfo", "EncryptedPackage"), "locked", "locked with a password"),
        (made.ole("WordDocument"), "doc", "kept; its text is not read (Word 97)"),
        (made.zipped({"a.txt": "甲"}), "zip", "kept; its text is not read (ZIP archive)"),
        (b"Rar!\x1a\x07\x01\x00", "rar", "kept; its text is not read (RAR archive)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image", "kept; its text is not read (picture)"),
        (b"\x01\x02\x03\x00", "unknown", "kept; its text is not read (a kind that is not known)"),
        (b"", "unknown", "an empty file"),
    ],
)
def test_what_is_not_read_says_why_in_one_line(content, kind, error):
    found = read(content, "a.pdf")
    assert (found.kind, found.text, found.error) == (kind, "", error)


def test_kept_text_has_nothing_that_cannot_be_stored_or_seen():
    assert tidy("a\x00b\u202ec\ud800\r\nd\x02\ne \u3000\n\n\n\nf") == ("abc\nde\n\nf", False)


def test_reading_in_a_process_gives_the_same(tmp_path):
    assert process.read(PDF, "\ud800通知.pdf", None) == read(PDF, "a.pdf")


def test_the_process_ends_with_whoever_asked():
    command = [sys.executable, "-m", "archive.attachments.process"]
    header = json.dumps({"name": "a", "type": None, "parent": 1, "seconds": 5}).encode() + b"\n"
    done = subprocess.run(command, input=header + PDF, capture_output=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (1, b"")


# Keeping


def wire(kind: str, content: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


class Archive(Filler):
    """An archive whose articles have files."""

    def files(self, number: int, *names: str, **changes) -> str:
        """Store an article with attachments, and its rows of `media`."""
        one = article(
            number, attachments=tuple(Attachment(f"{HOST}/{name}", f"附件{name}") for name in names), **changes
        )
        self.page(one)
        for name in names:
            row = [uid(one.url), f"{HOST}/{name}", "chengnan"]
            self.db.execute("INSERT OR IGNORE INTO media (uid, url, site, kind) VALUES (?, ?, ?, 'attachment')", row)
        return uid(one.url)

    def held(self, name: str, content: bytes, kind: str = "application/pdf") -> int:
        """Store a capture of a file; returns its id."""
        id_ = self.capture(f"{HOST}/{name}", wire(kind, content), site="chengnan")
        self.db.execute("UPDATE captures SET content_type = ? WHERE id = ?", [kind, id_])
        return id_


class Counting:
    """Reads files in this process, and counts them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, content: bytes, name: str, kind: str | None) -> AttachmentText:
        self.names.append(name)
        return read(content, name, kind)


def attached(directory, id_: str) -> list[dict]:
    (row,) = rows(directory, f"SELECT attached FROM articles WHERE uid = '{id_}'")
    return json.loads(row["attached"])


def hits(directory, query: str) -> int:
    db = directory.read_database()
    number = count(db.conn, Selection(query)).number
    db.close()
    return number


def test_what_is_held_is_read_once_however_many_articles_name_it(tmp_path):
    filler = Archive(tmp_path)
    first, second = filler.files(1, "a.pdf", "lost.pdf", "b.doc"), filler.files(2, "a.pdf")
    filler.held("a.pdf", PDF)
    filler.held("b.doc", made.ole("WordDocument"), "application/msword")
    directory, reader = filler.close(), Counting()
    assert hits(directory, "疗休养") == 0
    assert keeping.update(directory, reader=reader) == keeping.Updated(files=2, failed=1, entries=3)
    assert reader.names == [f"{HOST}/a.pdf", f"{HOST}/b.doc"]
    (pdf, doc), (also,) = attached(directory, first), attached(directory, second)
    assert (pdf, doc["url"]) == (also, f"{HOST}/b.doc")
    assert (pdf["kind"], pdf["pages"], pdf["error"], pdf["size"], pdf["read_with"]) == ("pdf", 2, None, len(PDF), RULES)
    assert hits(directory, "疗休养") == 2
    assert keeping.update(directory, reader=reader) == keeping.Updated()
    assert len(reader.names) == 2


def test_a_file_is_read_again_when_its_bytes_or_our_rules_change(tmp_path, monkeypatch):
    filler = Archive(tmp_path)
    id_ = filler.files(1, "a.pdf")
    filler.held("a.pdf", PDF)
    reader = Counting()
    keeping.update(filler.directory, reader=reader)
    filler.held("a.pdf", made.pdf([["改期通知"]]))
    assert keeping.update(filler.directory, reader=reader).entries == 1
    directory = filler.close()
    assert [one["text"] for one in attached(directory, id_)] == ["改期通知"]
    assert (hits(directory, "疗休养"), hits(directory, "改期")) == (0, 1)
    monkeypatch.setattr(keeping, "RULES", RULES + 1)
    assert keeping.update(directory, reader=reader) == keeping.Updated(1, 0, 1)


def test_a_file_that_the_article_no_longer_has_is_not_found_any_more(tmp_path):
    filler = Archive(tmp_path)
    filler.files(1, "a.pdf")
    filler.held("a.pdf", PDF)
    keeping.update(filler.directory, reader=Counting())
    assert hits(filler.directory, "疗休养") == 1
    filler.page(article(1))
    assert hits(filler.directory, "疗休养") == 0
    filler.db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('integrity-check')")
    filler.close()


@pytest.mark.parametrize("before", [0, 1, 2], ids=["at once", "after one", "not at all"])
def test_a_crawl_that_is_stopped_reads_no_further_file_and_the_next_reads_the_rest(tmp_path, before):
    filler = Archive(tmp_path)
    id_ = filler.files(1, "a.pdf", "b.pdf")
    for name in ("a.pdf", "b.pdf"):
        filler.held(name, made.pdf([[name]]))
    directory = filler.close()
    read_attachments(directory, "chengnan", lambda: len(attached(directory, id_)) >= before)
    assert len(attached(directory, id_)) == before
    read_attachments(directory, "chengnan", lambda: False)
    assert len(attached(directory, id_)) == 2


def test_what_a_crawl_cannot_write_of_attachments_is_said_and_ends_nothing(tmp_path, monkeypatch, caplog):
    def locked(*_, **__):
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(keeping, "update", locked)
    read_attachments(Archive(tmp_path).close(), "chengnan", lambda: False)
    assert "chengnan: its attachments are not read (database is locked); `union-archive reindex`" in caplog.text


def test_files_of_restricted_articles_are_read_and_stay_restricted(tmp_path):
    filler = Archive(tmp_path)
    id_ = filler.files(1, "a.pdf")
    filler.held("a.pdf", PDF)
    directory = filler.close()
    restrict(directory, id_, "test")
    assert keeping.update(directory, reader=Counting()) == keeping.Updated(1, 0, 1)
    assert hits(directory, "疗休养") == 0
    assert "疗休养" not in directory.database.read_bytes().decode("utf-8", "replace")
    lift(directory, id_, "test")
    assert hits(directory, "疗休养") == 1


def test_a_record_that_is_gone_costs_its_file_and_is_tried_again(tmp_path):
    filler = Archive(tmp_path)
    id_ = filler.files(1, "a.pdf")
    filler.held("a.pdf", PDF)
    directory = filler.close()
    (warc,) = directory.warc.glob("*.warc.gz")
    aside = warc.rename(tmp_path / "aside")
    assert keeping.update(directory, reader=Counting()) == keeping.Updated(1, 1, 1)
    assert "union-archive verify" in attached(directory, id_)[0]["error"]
    assert str(tmp_path) not in attached(directory, id_)[0]["error"]
    aside.rename(warc)
    assert keeping.update(directory, reader=Counting()) == keeping.Updated(1, 0, 1)


def test_all_files_of_an_article_together_have_a_limit(tmp_path):
    filler = Archive(tmp_path)
    id_ = filler.files(1, "a.txt", "b.txt")
    for name in "ab":
        filler.held(f"{name}.txt", name.encode() * (MAX_OF_ARTICLE - 10), "text/plain")
    directory = filler.close()
    keeping.update(directory, reader=Counting())
    first, second = attached(directory, id_)
    assert (len(first["text"]), len(second["text"])) == (MAX_OF_ARTICLE - 10, 10)
    assert second["error"].startswith("only 10 characters of it are kept")


def test_reindex_reads_what_is_held_and_not_read_yet(tmp_path):
    filler = Archive(tmp_path)
    filler.files(1, "a.pdf", "b.doc")
    filler.held("a.pdf", PDF)
    filler.held("b.doc", made.ole("WordDocument"))
    directory = filler.close()
    printed = run(directory.path, "reindex").stdout
    assert "2 attachments read, 1 of them not or not whole" in printed
    assert hits(directory, "疗休养") == 1
    assert "attachments" not in run(directory.path, "reindex").stdout
