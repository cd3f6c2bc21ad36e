"""Attachments on an article's page: the archive's copy, the site's link, what is in them; given to be saved only."""

import asyncio
import json
from urllib.parse import quote, unquote

import made_files as made
import pytest
from filled import Filler, article
from selectolax.lexbor import LexborHTMLParser

from archive.article import Attachment, uid
from archive.attachments import AttachmentText, keeping, read
from archive.web.attachments import MAX_SHOWN, bytes_in_words
from archive.web.serve import application

HOST = "http://chengnan.example.org"
PDF = made.pdf([["参加人员名单", "<script>alert(1)</script>", "林述禾"]])
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
NAMES = {
    "a.pdf": ("附件1：报名表\u202e/../“x”;\r\n.PDF", PDF),
    "b.doc": ("附件2", made.ole("WordDocument")),
    "c.pdf": ("附件3", None),
    "d.html": ('<img src=x onerror="alert(1)">', HTML),
    "e.txt": ("长", "工会".encode() * MAX_SHOWN),
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    filler = Filler(tmp_path_factory.mktemp("files"))
    filler.page(article(1, attachments=(Attachment(f"{HOST}/old.pdf", "旧附件"),)))
    files = tuple(Attachment(f"{HOST}/{name}", label) for name, (label, _) in NAMES.items())
    filler.page(article(1, attachments=files, title="改后"))
    for name, (_, content) in {"old.pdf": ("", PDF), **NAMES}.items():
        if content is not None:
            wire = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + content
            id_ = filler.capture(f"{HOST}/{name}", wire, site="chengnan")
            filler.db.execute("UPDATE captures SET content_type = 'text/html' WHERE id = ?", [id_])
        row = [uid(article(1).url), f"{HOST}/{name}"]
        filler.db.execute("INSERT OR IGNORE INTO media VALUES (?, ?, 'chengnan', 'attachment')", row)
    directory = filler.close()
    keeping.update(directory, reader=read)
    return directory


@pytest.fixture(scope="module")
def get(directory):
    with asyncio.Runner() as runner:
        datasette = application(directory)
        yield lambda path, **headers: runner.run(datasette.client.get(path, headers=headers))


PATH = f"/article/{uid(article(1).url)}"


def shown(page: str) -> list[str]:
    return [" ".join(one.text(separator=" ").split()) for one in LexborHTMLParser(page).css(".files > li > span.facts")]


def copies(page: str) -> list[str]:
    return [link.attributes["href"] for link in LexborHTMLParser(page).css(".files a[download]")]


def test_each_attachment_shows_its_type_and_size_the_archives_copy_and_the_sites_link(get):
    facts = shown(get(PATH).text)
    assert facts == [
        f"PDF · 1 页 · {len(PDF) / 1000:.0f} KB · 存档情况 · 原址",
        "DOC · 1 KB · 存档情况 · 原址",
        "PDF · 未存档 · 原址",
        f"HTML · {len(HTML)} B · 存档情况 · 原址",
        "TXT · 300 KB · 存档情况 · 原址",
    ]
    assert shown(get(f"{PATH}?lang=en").text)[0].startswith("PDF · 1 page · 1 KB · about this copy")


def test_what_is_in_a_file_is_folded_away_and_nothing_of_it_is_live(get):
    page = LexborHTMLParser(get(PATH).text)
    inside = [one.text() for one in page.css(".files details pre")]
    assert inside[0] == "参加人员名单\n<script>alert(1)</script>\n林述禾"
    assert [one.attributes.get("open") for one in page.css(".files details")] == [None, None]
    assert page.css(".files script, .files img") == []
    assert inside[1] == "工会" * (MAX_SHOWN // 2) + "…"
    errors = [one.text() for one in page.css(".files p.facts")]
    assert errors == [
        "读取情况：kept; its text is not read (Word 97)",
        "读取情况：a page of the web, and no file",
        f"只显示前 {MAX_SHOWN:,} 个字符；完整内容请打开附件。",
    ]


def test_a_file_is_given_to_be_saved_and_never_shown(get):
    for path, content in zip(copies(get(PATH).text), [PDF, NAMES["b.doc"][1], HTML, NAMES["e.txt"][1]], strict=True):
        answer = get(path)
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_saved_file_keeps_its_name_without_what_a_file_system_or_header_could_take_amiss(get):
    path = copies(get(PATH).text)[0]
    id_ = path.rpartition("/")[2]
    given = get(path).headers["content-disposition"]
    assert given.isascii()
    plain, _, own = given.partition("; filename*=UTF-8''")
    assert plain == f'attachment; filename="{id_}-a.pdf"'
    assert unquote(own) == f"{id_}-附件1：报名表-..-“x”.pdf"
    assert own == quote(unquote(own), safe="")


def test_an_earlier_revision_shows_its_own_files_without_what_was_read_in_others(get):
    page = get(f"{PATH}?revision=1").text
    assert shown(page) == ["PDF · 存档情况 · 原址"]
    assert LexborHTMLParser(page).css(".files details") == []
    assert get(copies(page)[0]).content == PDF


def test_the_table_of_articles_shows_what_was_read_in_short(get):
    page = LexborHTMLParser(get("/archive/articles?_col=title&_col=attached").text)
    cell = page.css_first("td.col-attached")
    assert "pdf · " in cell.text()
    assert "林述禾" not in cell.text()


@pytest.mark.parametrize("stored", ["", "nothing", "[1]", '{"url": 1}', '[{"url": 5, "pages": "x", "size": "y"}]'])
def test_what_another_program_stored_breaks_no_page(tmp_path, stored):
    filler = Filler(tmp_path)
    filler.page(article(1, attachments=(Attachment("javascript:alert(1)", "x"), Attachment("http://[", "y"))))
    filler.db.execute("UPDATE articles SET attached = ?", [stored])
    directory = filler.close()
    answer = asyncio.run(application(directory).client.get(PATH))
    assert answer.status_code == 200
    assert "javascript:" not in answer.text


def test_sizes_in_words():
    assert [bytes_in_words(size) for size in (1, 999, 1_000, 999_499, 999_500, 12_345_678)] == [
        "1 B", "999 B", "1 KB", "999 KB", "1.0 MB", "12.3 MB"
    ]  # fmt: skip


def test_an_entry_of_another_file_at_the_same_address_is_not_shown(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1, attachments=(Attachment(f"{HOST}/a.pdf", "x", "sha256:NEW"),)))
    entry = keeping.entry(f"{HOST}/a.pdf", "sha256:OLD", AttachmentText("pdf", 1, "旧的内容"))
    filler.db.execute("UPDATE articles SET attached = ?", [json.dumps([entry])])
    filler.capture(f"{HOST}/a.pdf", b"HTTP/1.1 200 OK\r\n\r\n%PDF-", site="chengnan")
    directory = filler.close()
    assert "旧的内容" not in asyncio.run(application(directory).client.get(PATH)).text
