"""Spreadsheets (xlsx, xls, xlsb, ods), read by calamine (python-calamine, MIT): it reads the old format as well."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from archive.attachments.text import MAX_CHARACTERS, MAX_PAGES, AttachmentText, Clock, Unreadable, sentences

Cell = int | float | str | bool | time | date | datetime | timedelta


def read(content: bytes, kind: str, clock: Clock) -> AttachmentText:
    """Return the cells of a workbook: a line a row, a tab between cells, the sheet's name above. Raises Unreadable."""
    try:
        return _read(content, kind, clock)
    except BaseException as error:
        # A panic of Rust, on files that are cut, is no Exception; its class has no name in Python's modules.
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable("a damaged spreadsheet (its reader gave it up)") from error


def _read(content: bytes, kind: str, clock: Clock) -> AttachmentText:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError as error:
        raise Unreadable("locked with a password") from error
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"a damaged spreadsheet ({_one_line(error)})") from error
    names = book.sheet_names
    texts: list[str] = []
    size, said = 0, dict[str, None]()
    for number, name in enumerate(names):
        if number >= MAX_PAGES or size > MAX_CHARACTERS or (number and clock.is_late):
            said[f"only the first {number:,} of {len(names):,} sheets were read"] = None
            break
        try:
            lines = _lines(book.get_sheet_by_name(name), clock)
        except (CalamineError, OSError, ValueError) as error:
            said[f"a sheet was not read ({_one_line(error)})"] = None
            continue
        if lines:
            texts.append("\n".join([name, *lines]))
            size += len(texts[-1])
    told = sentences([*said, None if texts else "no text in it"])
    return AttachmentText(kind, len(names), "\n\n".join(texts), told)


def _lines(sheet: CalamineSheet, clock: Clock) -> list[str]:
    lines: list[str] = []
    size = 0
    for row in sheet.iter_rows():
        line = "\t".join(map(_words, row)).strip("\t ")
        if line:
            lines.append(line)
            size += len(line)
        if size > MAX_CHARACTERS or clock.is_late:
            break
    return lines


def _words(cell: Cell) -> str:
    """Return a cell as it is searched for: 12 for 12.0, a day for a day's midnight."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    return " ".join(str(cell).split())


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
