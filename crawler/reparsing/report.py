"""What a reparse found: by site, and in it by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from archive.plain import plain
from crawler.reparsing.comparing import Reread, shortened
from crawler.reparsing.sources import Derived

#: Articles that are shown for each field of a site, and failures named on a terminal.
SAMPLES = 5
NAMED = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """An article whose field is read otherwise today: in which revision, what was stored and what is read."""

    uid: str
    url: str
    revision: int
    before: str
    after: str


@dataclass(slots=True)
class Field:
    """A column that is read otherwise: of how many articles, and some of them."""

    articles: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class SiteReport:
    """What came of one site. Of restricted articles nothing is shown; one that cannot be read is named by its uid."""

    site: str
    articles: int = 0
    revisions: int = 0
    changed: int = 0
    failed: int = 0
    alike: int = 0
    """Neighbouring revisions that today's code reads alike: what parts them is no edit of the site, as it is read."""
    fields: dict[str, Field] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)
    """`uid`, `revision`, `error` of each revision that cannot be read, which stays as it is."""
    skipped: str | None = None
    """Why the site was left alone."""

    def add(self, derived: Derived, found: list[Reread], errors: dict[int, str]) -> None:
        """Count an article and what was read of its revisions."""
        self.articles += 1
        self.revisions += len(found)
        differing = {name: one for one in reversed(found) for name in one.fields}
        self.changed += bool(differing)
        for name in sorted(differing):
            self._sample(derived, name, differing[name])
        numbers = {one.revision: one.sha256 for one in found}
        self.alike += sum(numbers.get(number + 1) == sha256 for number, sha256 in numbers.items())
        self.failed += bool(errors)
        uid, hide = derived.held["uid"], derived.restricted
        self.failures += [
            {"uid": uid, "revision": number, "error": "restricted" if hide else error}
            for number, error in errors.items()
        ]

    def _sample(self, derived: Derived, name: str, one: Reread) -> None:
        counted = self.fields.setdefault(name, Field())
        counted.articles += 1
        if len(counted.samples) < SAMPLES and not derived.restricted:
            before, after = shortened(one.before[name], one.after[name])
            held = derived.held
            counted.samples.append(Sample(held["uid"], held["url"], one.revision, before, after))

    def as_json(self) -> dict[str, Any]:
        """Return the report as an object."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield the report for a person."""
        if self.skipped is not None:
            yield f"{self.site}: left alone; {self.skipped}"
            return
        told = f"{self.site}: {self.articles:,} articles, {self.revisions:,} revisions derived again;"
        yield f"{told} {self.changed:,} read otherwise, {self.failed:,} not read"
        for name, counted in sorted(self.fields.items(), key=lambda item: (-item[1].articles, item[0])):
            yield f"  {name}: {counted.articles:,}"
            for one in counted.samples:
                yield plain(f"    {one.uid} {one.url}: {one.before or '(nothing)'} → {one.after or '(nothing)'}")
        for failure in self.failures[:NAMED]:
            yield plain(f"  stays: {failure['uid']} revision {failure['revision']}: {failure['error']}")
        if len(self.failures) > NAMED:
            yield f"  and {len(self.failures) - NAMED:,} more stay"
        if self.alike:
            yield f"  {self.alike:,} revisions that today's code reads as it reads the one before"
