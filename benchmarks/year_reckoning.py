"""What the archive made of the simulated year, site by site, beside what the simulated web knows to be true."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from year_stories import START, Story
from year_told import Told, alarms, told, vanished
from year_visit import Visit, utc
from year_web import Site

from archive.withdrawals import APART, FEW

#: Ages at which a new article is to be visited again, and the latest: with the spread, and the wait for the site.
AGES = ((1.0, 2.5), (7.0, 9.5), (30.0, 37.0))
#: After so long an article that is listed is to be held.
SLACK = timedelta(days=2.5)
#: Troubles that keep no article from being found.
_HARMLESS = ("template", "silent", "articles")


@dataclass(slots=True)
class Reckoned:
    """The figures of one site."""

    site: str
    rhythm: str
    least: float
    """Hours."""
    visits: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """From publication to capture, in hours."""
    told: list[Told] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    """Incidents of other kinds while something was wrong."""
    counts: Counter[str] = field(default_factory=Counter)
    """Edits, withdrawals, visits in time, rows; by their names in the report."""
    faults: list[str] = field(default_factory=list)


def reckon(site: Site, visits: Sequence[Visit], connection: sqlite3.Connection, ended: datetime) -> Reckoned:
    """Compare one site's rows with its truth."""
    least = {"1h": 1.0}.get(dict(site.rhythm.schedule).get("least", ""), 12.0)
    found = Reckoned(site.id, site.rhythm.name, least, len(visits), site.requests)
    rows = connection.execute("SELECT url, revision, first_seen_at FROM articles WHERE site = ?", [site.id])
    held = {_number(row["url"]): row for row in rows}
    found.told = [told(site, one, visits, held) for one in site.troubles]
    found.alarms, found.aside = alarms(site, found.told, connection)
    _waits(found, site, visits, held)
    for story in site.stories:
        row = held.get(story.number)
        if row is None:
            _lost(found, site, story, visits, ended)
            continue
        _revisions(found, site, story, row["revision"])
        _in_time(found, site, story, ended)
    _withdrawals(found, site, connection)
    _rows(found, site, connection, len(held))
    return found


def _number(url: str) -> int:
    return int(url.rpartition("/")[2].removesuffix(".html"))


def _closed(site: Site, visits: Sequence[Visit], section: int) -> list[tuple[datetime, datetime | None]]:
    """Return when a section's articles could not be found: from when, and until the end of the first good visit."""
    spans = []
    for one in site.troubles:
        if one.kind.name.startswith(_HARMLESS) or (one.kind.section and section):
            continue
        good = [visit.ended for visit in visits if one.ends and visit.began >= one.ends and visit.outcome == "finished"]
        if good and one.kind.name.startswith("listing"):
            good = [one.good[section]] if section in one.good else []
        spans.append((one.begins, good[0] if good else None))
    return spans


def _waits(found: Reckoned, site: Site, visits: Sequence[Visit], held: dict[int, sqlite3.Row]) -> None:
    """Note how long each article that appeared in the year waited to be found, outside of troubles."""
    spans = {section: _closed(site, visits, section) for section in range(site.sections)}
    steady = START + timedelta(days=3)
    for story in site.stories:
        row = held.get(story.number)
        if row is None or story.published < steady:
            continue
        seen = utc(row["first_seen_at"])
        if not any(seen > begins and (last is None or story.published < last) for begins, last in spans[story.section]):
            found.waits.append((seen - story.published) / timedelta(hours=1))


def _lost(found: Reckoned, site: Site, story: Story, visits: Sequence[Visit], ended: datetime) -> None:
    """Note an article that is not held though it was there to be found."""
    until = max(story.published, START) + SLACK
    spans = _closed(site, visits, story.section)
    opened = [last for begins, last in spans if begins < until and (last is None or last > story.published)]
    if None in opened or max([until, *(last + SLACK for last in opened if last)]) > ended:
        return
    if story.gone is not None and story.gone < max([until, *(last + SLACK for last in opened if last)]):
        return
    if any(one.kind.name.startswith("articles") and story.published < one.begins < until for one in site.troubles):
        return
    found.counts["lost"] += 1
    found.faults.append(f"{site.id}: article {story.number} of {story.published:%Y-%m-%d %H:%M} is not held")


def _revisions(found: Reckoned, site: Site, story: Story, revision: int) -> None:
    """Compare the revisions of an article with the versions that visits saw."""
    expected, version, by_layout = 0, -1, False
    for _, seen, readable in story.seen:
        if seen < 0 or (seen != version and by_layout and not readable):
            continue  # gone; or it differs and no layout reads it: it waits for the profile to be mended
        expected += version >= 0 and seen != version
        version, by_layout = seen, by_layout or readable
    found.counts["edits"] += len([one for one in story.edits if one > START])
    found.counts["edits seen"] += expected
    found.counts["edits missed"] += max(expected - (revision - 1), 0)
    found.counts["edits invented"] += max(revision - 1 - expected, 0)
    if expected != revision - 1:
        found.faults.append(f"{site.id}: article {story.number} has {revision - 1} edits of {expected}: {story.seen}")


def _in_time(found: Reckoned, site: Site, story: Story, ended: datetime) -> None:
    """Note whether a new article of a healthy site was visited at the ages that the planner promises."""
    seen = [moment for moment, _, _ in story.seen]
    if site.troubles or story.edits or story.gone or story.published < START or not seen:
        return
    before = 0.0
    for age, latest in AGES:
        if seen[0] + timedelta(days=latest) > ended:
            return
        found.counts["visits due"] += 1
        ages = [(moment - seen[0]) / timedelta(days=1) for moment in seen[1:]]
        found.counts["visits in time"] += any(max(before, age * 0.85) < one <= latest for one in ages)
        before = latest


# Withdrawals.


def _withdrawals(found: Reckoned, site: Site, connection: sqlite3.Connection) -> None:
    """Compare what is withdrawn with what visits saw to be gone."""
    query = (
        "SELECT a.url, w.since, w.visits, w.confirmed_at, w.back_at FROM withdrawals AS w JOIN articles AS a"
        " ON a.uid = w.uid WHERE w.site = ? ORDER BY w.since"
    )
    rows: dict[int, list[sqlite3.Row]] = {}
    for row in connection.execute(query, [site.id]):
        rows.setdefault(_number(row["url"]), []).append(row)
    mass = next((one for one in site.troubles if one.kind.name.startswith("articles")), None)
    # What is gone before a few others are is what any two visits a day apart find: nobody can tell.
    gone = sorted(moments[0] for _, moments in vanished(site, mass) if moments) if mass is not None else []
    known = _text(gone[FEW - 1]) if len(gone) >= FEW else "9"
    for story in site.stories:
        own = rows.get(story.number, [])
        if mass is None:
            _withdrawal(found, site, story, own)
        elif story.published < mass.begins and story.gone is None:
            found.counts["withdrawn by a mass move"] += sum((row["confirmed_at"] or "") > known for row in own)


def _withdrawal(found: Reckoned, site: Site, story: Story, rows: Sequence[sqlite3.Row]) -> None:
    confirmed = {row["since"]: row for row in rows if row["confirmed_at"] is not None}
    for gone, back in _absences(story):
        proved = next((at for at in gone[1:] if at - gone[0] >= APART), None)
        if proved is None:
            continue
        found.counts["withdrawals"] += 1
        found.counts["withdrawals at the second visit"] += proved == gone[1]
        row = confirmed.pop(_text(gone[0]), None)
        right = row is not None and row["confirmed_at"] == _text(proved) and row["back_at"] == (back and _text(back))
        found.counts["withdrawals right"] += right
        if not right:
            found.faults.append(f"{site.id}: withdrawal of {story.number}: {row and tuple(row)}, but {gone}, {back}")
    found.counts["withdrawals invented"] += len(confirmed)


def _absences(story: Story) -> Iterator[tuple[list[datetime], datetime | None]]:
    """Yield the visits in a row that found an article gone once it was held, and the one that found it back."""
    gone: list[datetime] = []
    held = False
    for moment, version, _ in story.seen:
        if version < 0:
            gone += [moment] if held else []
        else:
            if gone:
                yield gone, moment
            held, gone = True, []
    if gone:
        yield gone, None


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _rows(found: Reckoned, site: Site, connection: sqlite3.Connection, held: int) -> None:
    """Compare the numbers of rows with what was asked and answered."""

    def one(sql: str) -> int:
        return int(connection.execute(sql, [site.id]).fetchone()[0] or 0)

    captures = one("SELECT count(*) FROM captures WHERE site = ?")
    articles = one("SELECT count(*) FROM articles WHERE site = ?")
    requests = one("SELECT sum(requests) FROM runs WHERE site = ?")
    found.counts |= {"captures": captures, "articles": articles}
    found.counts["doubled"] = articles - held + abs(captures - site.answers) + abs(requests - site.requests.total())
    if found.counts["doubled"]:
        found.faults.append(f"{site.id}: {captures} captures of {site.answers} answers, {requests} requests counted")
