"""Attachments made to do harm: each costs itself, in bounded time and memory, and says why in one line."""

import random
import struct
import time
import zipfile

import made_files as made
import pytest

from archive.attachments import office, pdf, process, read, text
from archive.attachments.text import MAX_CHARACTERS, MAX_PAGES

PDF = made.pdf([["关于做好职工疗休养工作的通知"] * 20] * 3)
DOCX = made.docx(made.paragraph("职工之家") * 50)
XLSX = made.xlsx([["姓名", 12.0]] * 20)
WHOLE = {
    "pdf": PDF,
    "docx": DOCX,
    "xlsx": XLSX,
    "xls": made.xls(),
    "pptx": made.pptx(["一", "二"]),
    "ofd": made.ofd([["一", "二"]]),
    "odt": made.odt("<text:p>一</text:p>"),
}


def refused(content: bytes, name: str = "a") -> str:
    found = read(content, name)
    assert found.text == ""
    assert found.error is not None
    assert "\n" not in found.error
    return found.error


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_cut_short_anywhere_is_an_error_or_a_part(name):
    content = WHOLE[name]
    for size in range(0, len(content), max(1, len(content) // 40)):
        found = read(content[:size], f"a.{name}")
        assert found.error is None or "\n" not in found.error


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_with_bytes_altered_is_an_error_or_a_text(name):
    content, chance = WHOLE[name], random.Random(7)
    for _ in range(40):
        bad = bytearray(content)
        for _ in range(8):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        found = read(bytes(bad), f"a.{name}")
        assert found.error is None or "\n" not in found.error
        found.text.encode()


def test_only_the_first_pages_of_a_very_long_pdf_are_read():
    found = process.read(made.pdf([["页"]] * 3_000), "a.pdf")
    assert (found.kind, found.pages) == ("pdf", 3_000)
    assert found.error == f"only the first {MAX_PAGES} of 3,000 pages were read"
    assert found.text.count("页") == MAX_PAGES


def test_a_slow_pdf_gives_what_was_read_in_time(monkeypatch):
    monkeypatch.setattr(text, "PATIENCE", -1.0)
    found = pdf.read(made.pdf([["一"], ["二"], ["三"]]), text.Clock(-1.0))
    assert (found.text, found.error) == ("一", "only the first 1 of 3 pages were read")


def test_text_beyond_the_limit_is_cut_and_that_is_said():
    found = read("工会".encode() * MAX_CHARACTERS, "a.txt")
    assert (len(found.text), found.error) == (MAX_CHARACTERS, "only the first 2,000,000 characters are kept")
    found = read(made.docx(made.paragraph("工" * (MAX_CHARACTERS + 5))), "a.docx")
    assert (len(found.text), found.error) == (MAX_CHARACTERS, "only the first 2,000,000 characters are kept")


def test_a_zip_that_unpacks_to_gigabytes_is_not_unpacked():
    bomb = made.zipped({"word/document.xml": b"\0" * 2**20, "word/media/a": b"\0" * office.MAX_UNPACKED})
    started = time.monotonic()
    assert refused(bomb) == "unpacks to 301 MB, over 300; it is not read"
    assert time.monotonic() - started < 1


def test_a_part_that_is_longer_than_the_zip_says_is_an_error():
    whole = made.zipped({"word/document.xml": made.paragraph("长") * 10_000})
    size = struct.pack("<L", len((made.paragraph("长") * 10_000).encode()))
    assert whole.count(size) == 2
    assert refused(whole.replace(size, struct.pack("<L", 20))).startswith("a damaged Office file")


def test_a_zip_of_very_many_files_is_not_looked_through():
    many = made.zipped({f"{n}": b"" for n in range(office.MAX_MEMBERS + 1)} | {"word/document.xml": b""}, 0)
    assert refused(many) == "10,002 files in it, over 10,000; it is not read"


def test_a_locked_zip_says_so():
    locked = bytearray(DOCX)
    with zipfile.ZipFile(__import__("io").BytesIO(DOCX)) as archive:
        member = archive.getinfo("word/document.xml")
        local, central = member.header_offset, DOCX.index(b"PK\x01\x02", DOCX.index(b"PK\x01\x02") + 1)
    locked[local + 6] |= 1
    locked[central + 8] |= 1
    assert refused(bytes(locked)) == "locked with a password"


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://evil.example.org/x.dtd">',
    ],
)
def test_xml_with_a_dtd_is_refused(head):
    assert refused(made.docx(made.paragraph("&c;"), head)) == "its XML has a DTD (x); it is not read"


def test_deeply_nested_xml_is_refused_or_flat():
    deep = 200_000
    found = process.read(made.docx("<w:p>" * deep + "<w:t>底</w:t>" + "</w:p>" * deep), "a.docx")
    assert found.text in ("", "底")
    assert found.text or found.error.startswith("a damaged Office file")


def test_a_sheet_whose_last_cell_is_far_away_costs_itself():
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    found = process.read(made.sheets({"远": f"<sheetData>{cells}</sheetData>"}), "a.xlsx")
    assert found.error == "needs more than 1,024 MB of memory to read"


def test_a_file_that_hangs_its_reader_costs_the_deadline():
    started = time.monotonic()
    found = process.read(PDF, "a.pdf", deadline=0.02)
    assert (found.kind, found.text, found.error) == ("pdf", "", "took longer than 0.02 s to read")
    assert time.monotonic() - started < 5


def test_a_reader_that_crashes_says_how(monkeypatch):
    monkeypatch.setattr(process.sys, "executable", "/bin/false")
    assert process.read(PDF, "a.pdf").error == "could not be read (exit 1)"


def test_a_pdf_whose_pages_name_themselves_ends():
    loop = made.pdf([["甲"]]).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]")
    assert process.read(loop, "a.pdf").kind == "pdf"
