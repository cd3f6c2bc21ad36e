"""An archive whose clock is moved from visit to visit, its crawls, and what it holds beside what the site showed."""

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from measuring import ROOT, measure, union_archive
from visits_pages import LAYOUTS
from visits_site import SECTIONS, Site
from visits_stories import START, Edit, Story

from archive.clock import VARIABLE
from archive.differences import GONE, NEW, changes

CONCURRENCY = 16
#: What says when and by what an article was read last.
_OURS = ("fetched_at", "derived_with")
_LISTS = ("authors", "correspondents", "editors", "images", "attachments")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Crawled:
    """What one crawl took: requests, bytes of bodies, CPU seconds of its processes."""

    requests: int
    sent: int
    cpu: float


class Archive:
    """An archive of some sites, by their ids."""

    def __init__(self, directory: Path, sites: Mapping[str, Site]) -> None:
        self.directory = directory
        self.sites = sites
        (directory / "sites").mkdir(parents=True)

    def profile(self, name: str, layouts: Iterable[str], more: str = "", *, media: bool = False) -> None:
        """Write the profile of a site; `layouts` are names of templates, `more` goes into each [[layout]]."""
        site = self.sites[name]
        home = site.server.url
        sections = zip(SECTIONS, site.listings, strict=True)
        (self.directory / "sites" / f"{name}.toml").write_text(
            f'name = "本地工会网"\nhome = "{home}/"\nhosts = ["{home.removeprefix("http://")}"]\n'
            f"article_url = '/news/\\d+\\.html$'\ndelay = 0\nconcurrency = {CONCURRENCY}\n"
            '[evidence]\nseen = "written for a benchmark"\n'
            + ("" if media else "[media]\nimages = false\nattachments = false\n")
            + "".join(f'[[section]]\nname = "{section}"\nurl = "{url}"\n' for section, url in sections)
            + "".join(f"[[layout]]\n{LAYOUTS[layout]}{more}" for layout in layouts),
            encoding="utf-8",
        )

    def crawl(self, days: float, *options: str, root: Path = ROOT) -> Crawled:
        """Crawl the sites so many days after START, with the code in `root`; end the benchmark when that fails."""
        clock = self.directory.parent / f"{self.directory.name}.clock"
        clock.write_text((START + timedelta(days=days)).isoformat(), encoding="ascii")
        sites = self.sites.values()
        before = sum(site.requests for site in sites), sum(site.sent for site in sites)
        command = union_archive(self.directory, "crawl", *self.sites, *options)
        measured = measure(command, clock.with_suffix(".txt"), root=root, **{VARIABLE: str(clock)})
        if measured.status or "Traceback" in measured.output:
            sys.exit(f"crawl on day {days:g}: exit {measured.status}; it said:\n{measured.output[-3000:]}")
        print(f"day {days:g}: {' '.join(measured.output.split())[:300]}", file=sys.stderr, flush=True)
        after = sum(site.requests for site in sites), sum(site.sent for site in sites)
        return Crawled(after[0] - before[0], after[1] - before[1], measured.cpu)

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return what a query gives."""
        with closing(sqlite3.connect(self.directory / "archive.db")) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, values)]

    def articles(self, name: str) -> dict[str, Row]:
        """Return the articles held of a site by their paths, lists as lists."""
        rows = self.rows("SELECT * FROM articles WHERE site = ?", name)
        return {row["url"].removeprefix(self.sites[name].server.url): _decoded(row) for row in rows}

    def revised(self, name: str) -> dict[str, list[Row]]:
        """Return what the articles of a site that were revised said before, revision by revision, by their paths."""
        query = """
            SELECT a.url, r.content FROM articles AS a JOIN revisions AS r ON r.uid = a.uid
            WHERE a.site = ? AND r.content IS NOT NULL ORDER BY r.uid, r.revision
        """
        found: dict[str, list[Row]] = {}
        for row in self.rows(query, name):
            path = row["url"].removeprefix(self.sites[name].server.url)
            found.setdefault(path, []).append(_decoded(json.loads(row["content"])))
        return found

    def withdrawn(self, name: str) -> set[str]:
        """Return the paths of the articles of a site that are withdrawn."""
        return {path for path, row in self.articles(name).items() if row["withdrawn_at"] is not None}


def said(one: Story, home: str) -> Row:
    """Return what an archive should hold of a story."""
    return {
        "title": one.title,
        "source": one.source,
        "authors": [*one.authors],
        "editors": [one.editor],
        "published_at": f"{one.published.replace(' ', 'T')}:00+08:00",
        "text": one.text,
        "attachments": [] if one.file is None else [[one.file, f"{home}/files/{one.number}.doc"]],
    }


def misread(archive: Archive, name: str) -> list[str]:
    """Return where the articles of a site are not what it shows of its stories, one line each."""
    site, held, faults = archive.sites[name], archive.articles(name), []
    for one in site.stories.values():
        row = held.get(one.path)
        if row is None:
            faults.append(f"{name}: {one.path} is not held")
            continue
        row = row | {"attachments": [[each["name"], each["url"]] for each in row["attachments"]]}
        for field, wanted in said(one, site.server.url).items():
            if row[field] != wanted and one.path not in site.removed:
                faults.append(f"{name}: {one.path}: {field} is {_where(row[field], wanted)}")
    return faults


def _where(found: Any, wanted: Any) -> str:
    """Return where two values begin to differ."""
    one, other = str(found), str(wanted)
    pairs = zip(one, other, strict=False)
    same = next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    return f"{one[same:]!r:.80}, not {other[same:]!r:.80} (from character {same})"


def differing(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[str]:
    """Return the fields of articles that are not as they were, one line each; new articles are none."""
    faults = [f"{path} is not held any more" for path in before.keys() - after.keys()]
    for path in before.keys() & after.keys():
        then, now = before[path], after[path]
        names = [name for name in then if name not in _OURS and then[name] != now[name]]
        faults += [f"{path}: {name} was {then[name]!r:.60}, is {now[name]!r:.60}" for name in names]
    return faults


def more_than_the_edit(edit: Edit, old: Row, new: Row) -> str | None:
    """Return what a diff shows besides an edit, in one line; None where it shows just that."""
    found = changes(old, new)
    if [one.field for one in found] != [*edit.fields]:
        return f"{edit.after.path}: {edit.kind}: {[one.field for one in found]} differ, not {edit.fields}"
    if edit.fields[0] not in ("text", "title"):
        return None
    pieces = [piece for line in found[0].lines for piece in line.pieces]
    gone, came = ("".join(piece.text for piece in pieces if piece.kind == kind) for kind in (GONE, NEW))
    if len(gone) > len(edit.removed) or len(came) > len(edit.added):
        return f"{edit.after.path}: {edit.kind}: shows {gone!r} → {came!r}, not {edit.removed!r} → {edit.added!r}"
    return None


def other_extractor(into: Path, words: str = "整理成文") -> Path:
    """Return a copy of the packages whose cleaning drops words that it kept before."""
    return _copy(into, "crawler/extraction/clean.py", _OTHER_RULE.replace("WORDS", words))


def steady_clock(into: Path) -> Path:
    """Return a copy of the packages that reads the file of the clock once, as cheap as a clock that is no file."""
    return _copy(into, "archive/clock.py", _STEADY)


def _copy(into: Path, module: str, more: str) -> Path:
    """Copy the packages, one module with more lines at its end."""
    for package in ("archive", "crawler"):
        shutil.copytree(ROOT / package, into / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (into / module).open("a", encoding="utf-8") as file:
        file.write(more)
    return into


_STEADY = """

import functools

_from_file = functools.cache(_from_file)
"""
_OTHER_RULE = '''

_clean = clean


def clean(markup, page, titles=()):
    """Clean as before, and drop what a paragraph says of its writing down."""
    from dataclasses import replace

    found = _clean(markup, page, titles)
    return replace(found, paragraphs=[one.replace("WORDS", "") for one in found.paragraphs])
'''


def _decoded(row: Row) -> Row:
    return row | {name: json.loads(row[name]) for name in _LISTS if isinstance(row.get(name), str)}
