"""What reading files made elsewhere gives: exchanges that may be kept, and a tally of what may not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from archive.payload import MAX_CONTENT, HTTPResponse
from archive.plain import plain
from archive.warc import StoredRecord

#: A record's block may be this long: a body as large as content may be, and a generous head.
MAX_BLOCK = MAX_CONTENT + 2**20
#: WARC headers of one record, together; a line of an ARC file.
MAX_HEAD = 2**16


@dataclass(frozen=True, slots=True)
class Foreign:
    """One response made elsewhere, as it is to be kept: records that `archive.warc.copy_member` takes.

    `url` is the response's WARC-Target-URI without `<>`, `date` its WARC-Date in UTC. `method` is the request's where
    there is one, else GET. `http` is the response taken apart; of a revisit it has the payload of its `original`.
    Codings that the headers name and the body lacks are renamed in `http.headers`, so that `http.content()` reads it;
    the record's block is unchanged. `digest` is the sha256 label of `http.payload`. `where` says where it was found:
    `FILE at OFFSET`, or `FILE!archive/data.warc.gz at OFFSET`.
    """

    url: str
    date: datetime
    method: str
    http: HTTPResponse
    response: StoredRecord
    request: StoredRecord | None
    original: StoredRecord | None
    digest: str
    where: str


@dataclass(slots=True)
class Tally:
    """Counts of what was passed over, and of what was kept with a remark, by reason; the first `limit` are named."""

    passed: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    limit: int = 20

    def passed_over(self, reason: str, where: str, what: str) -> None:
        """Count something damaged or unfit; `what` says what is wrong, then the fix where there is one."""
        self.passed[reason] += 1
        self._name(where, what)

    def remark(self, reason: str, where: str, what: str) -> None:
        """Count something that is kept although it is not as it should be."""
        self.remarks[reason] += 1
        self._name(where, what)

    def _name(self, where: str, what: str) -> None:
        if len(self.problems) < self.limit:
            self.problems.append(plain(f"{where}: {what}")[:600])


class Unfit(Exception):
    """A record that cannot be kept, and why. `named` is False for kinds that are no fault: they are only counted."""

    def __init__(self, reason: str, what: str = "", *, named: bool = True) -> None:
        super().__init__(what or reason)
        self.reason = reason
        self.named = named
