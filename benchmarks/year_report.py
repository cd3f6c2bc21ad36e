"""The table of the simulated year: each figure beside its target, and what missed it, by name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from measuring import median, table
from year_reckoning import Reckoned, Told
from year_visit import Visit

#: Minutes that the year may take; the median wait for an article, in the least intervals of its site.
MINUTES, WAIT = 10.0, 1.5
#: Lines of each list of what is wrong.
_MOST = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """A row: what it is, its value, its target where it has one, and whether that is met."""

    name: str
    value: str
    target: str = ""
    met: bool | None = None

    def cells(self) -> list[str]:
        """Return the row's cells."""
        return [self.name, self.value, self.target, "" if self.met is None else "met" if self.met else "missed"]


def figures(sites: Sequence[Reckoned], budget: int, seconds: float, cpu: float) -> list[Figure]:
    """Return the rows of the table."""
    counts = sum((one.counts for one in sites), Counter())
    visits, answers = sum(one.visits for one in sites), counts["captures"]
    told = list(chain.from_iterable(one.told for one in sites))
    return [
        Figure("sites, visits", f"{len(sites)}, {visits:,}"),
        Figure("articles, requests answered", f"{counts['articles']:,}, {answers:,}"),
        *_requests(sites, budget),
        *_waits(sites),
        *_incidents(sites, told),
        *_revisits(counts),
        _share("articles lost", counts["lost"], 0),
        _share("rows doubled, or not counted", counts["doubled"], 0),
        Figure("minutes", f"{seconds / 60:.1f} ({cpu / 60:.1f} of CPU)", f"≤ {MINUTES:g}", seconds / 60 <= MINUTES),
        Figure("visits, pages a second", f"{visits / seconds:.0f}, {answers / seconds:.0f}"),
    ]


def _share(name: str, value: int, of: int) -> Figure:
    return Figure(name, f"{value:,}", f"{of:,}", value == of)


def _requests(sites: Sequence[Reckoned], budget: int) -> Iterator[Figure]:
    days = [count for one in sites for count in one.requests.values()]
    most = max(days)
    name, value = "requests to a site in a day: median, most", f"{median(days):.0f}, {most}"
    yield Figure(name, value, f"≤ {budget}", most <= budget)
    yield _share("days over the budget", sum(count > budget for count in days), 0)


def _waits(sites: Sequence[Reckoned]) -> Iterator[Figure]:
    """Yield the median wait of the articles, and of the worst site's, in least intervals."""
    by_site = {one: [wait / one.least for wait in one.waits] for one in map(_hashed, sites) if one.waits}
    together = median(list(chain.from_iterable(by_site.values()))) if by_site else 0.0
    yield _ratio("publication to capture / least interval, median", together)
    for rhythm in dict.fromkeys(one.rhythm for one in by_site):
        own = list(chain.from_iterable(waits for one, waits in by_site.items() if one.rhythm == rhythm))
        yield Figure(f"  of {rhythm} sites, {len(own):,} articles", f"{median(own):.2f}")
    if worst := max(by_site, key=lambda one: median(by_site[one]), default=None):
        ratio = median(by_site[worst])
        yield _ratio(f"  of the worst site ({worst.site}, {worst.rhythm})", ratio)


@dataclass(frozen=True, slots=True)
class _Site:
    site: str
    rhythm: str
    least: float
    waits: tuple[float, ...]


def _hashed(one: Reckoned) -> _Site:
    return _Site(one.site, one.rhythm, one.least, tuple(one.waits))


def _ratio(name: str, value: float) -> Figure:
    return Figure(name, f"{value:.2f}", f"< {WAIT:g}", value < WAIT)


def _incidents(sites: Sequence[Reckoned], told: Sequence[Told]) -> Iterator[Figure]:
    due = [one for one in told if one.due is not None]
    over = [one for one in told if one.over_due is not None]
    yield Figure("troubles, of these met by a visit", f"{len(told)}, {len(due)}")
    yield _share("  in health after the first such visit", sum(one.late == 0 for one in due), len(due))
    yield _share("  ended by the first visit that could tell", sum(one.over_late == 0 for one in over), len(over))
    yield _share("false alarms", sum(len(one.alarms) for one in sites), 0)
    yield Figure("incidents of other kinds during a trouble", str(sum(len(one.aside) for one in sites)))


def _revisits(counts: Counter[str]) -> Iterator[Figure]:
    share = counts["visits in time"] / counts["visits due"] if counts["visits due"] else 1.0
    value = f"{share:.1%} of {counts['visits due']:,}"
    yield Figure("new articles visited at 1, 7 and 30 days, in time", value, "≥ 99 %", share >= 0.99)
    yield Figure("edits in the year, seen by a visit", f"{counts['edits']:,}, {counts['edits seen']:,}")
    yield _share("  of the latter, not a revision", counts["edits missed"], 0)
    yield _share("  revisions without an edit", counts["edits invented"], 0)
    proved = counts["withdrawals"]
    yield Figure("articles found gone by two visits a day apart", f"{proved:,}")
    yield _share("  withdrawn then, and back when seen back", counts["withdrawals right"], proved)
    yield _share("  by the second visit", counts["withdrawals at the second visit"], proved)
    yield _share("  withdrawn otherwise", counts["withdrawals invented"], 0)
    yield _share("withdrawn by a mass move, once it could be told", counts["withdrawn by a mass move"], 0)


def printed(sites: Sequence[Reckoned], rows: Sequence[Figure]) -> str:
    """Return the table, and below it what missed."""
    parts = [table([["", "", "target", ""], *(row.cells() for row in rows)]), table(_troubles(sites))]
    lists = {
        "false alarms": [line for one in sites for line in one.alarms],
        "other kinds during a trouble": [line for one in sites for line in one.aside],
        "faults": [line for one in sites for line in one.faults],
    }
    for name, lines in lists.items():
        if lines:
            more = [f"… and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
            parts.append("\n".join([f"{name}:", *(f"  {line}" for line in [*lines[:_MOST], *more])]))
    return "\n\n".join(parts)


def _troubles(sites: Sequence[Reckoned]) -> list[list[str]]:
    rows = [["trouble", "site", "began", "first visit", "visits late", "over by", "visits late"]]
    told = [(one, site) for site in sites for one in site.told]
    for one, site in sorted(told, key=lambda pair: (pair[0].kind, pair[0].began)):
        seen, over = _told(one.due, one.late), _told(one.over_due, one.over_late)
        rows.append([one.kind, f"{one.site} ({site.rhythm})", f"{one.began:%m-%d %H:%M}", *seen, *over])
    return rows


def _told(due: Visit | None, late: int | None) -> tuple[str, str]:
    if due is None:
        return "-", "-"
    return f"{due.ended:%m-%d %H:%M}", "never" if late is None else str(late)
