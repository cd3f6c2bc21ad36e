"""The second show of visits.py: what a site edits and removes is told, what only moves around it is not."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from measuring import table
from visits_archive import Archive, differing, misread, more_than_the_edit, other_extractor
from visits_pages import Dress
from visits_site import LocalSite, Site

#: By site: the templates whose layouts its profile has. The other one is read by the generic extractor alone.
SITES = {"layouts": ("news", "table", "post"), "generic": ()}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the show is: articles of each site, edits and removals of each."""

    articles: int
    edits: int
    removals: int


@contextmanager
def sites(articles: int) -> Iterator[dict[str, Site]]:
    """Yield a site that layouts read, and one that the generic extractor reads."""
    with ExitStack() as stack:
        yield {name: Site(stack.enter_context(LocalSite()), articles) for name in SITES}


def show(scratch: Path, size: Size, seed: int, *, brief: bool) -> list[str]:
    """Edit, remove and dress anew; then change the extractor, then the template. Print figures, return the faults."""
    with sites(size.articles) as shown:
        archive = Archive(scratch / f"edits-{seed}", shown)
        for name, layouts in SITES.items():
            archive.profile(name, layouts)
        archive.crawl(0)
        faults = _misread(archive)
        for site in shown.values():
            site.dress = Dress(seed * 1000 + 1)
            site.edit(size.edits, seed)
            site.remove(size.removals, seed)
        # Titles that listings show anew are read at once, the rest a day after it was first seen.
        for number, day in enumerate((0.6, 1.3, 2.6), 2):
            archive.crawl(day, "--due")
            _dress(archive, seed * 1000 + number)
        lines = [["", *SITES]]
        faults += _told(archive, lines)
        if not brief:
            faults += _ours(archive, scratch, seed, lines)
        print(table(lines))
    return faults


def _dress(archive: Archive, number: int) -> None:
    for site in archive.sites.values():
        site.dress = Dress(number)


def _misread(archive: Archive) -> list[str]:
    return [fault for name in archive.sites for fault in misread(archive, name)]


def _told(archive: Archive, lines: list[list[str]]) -> list[str]:
    """Compare revisions and withdrawals with what the sites did; add the figures to the lines, return the faults."""
    faults: list[str] = []
    rows: dict[str, list[str]] = {}
    for name, site in archive.sites.items():
        revised, withdrawn, held = archive.revised(name), archive.withdrawn(name), archive.articles(name)
        right = revised.keys() & site.edits.keys()
        false = [path for path in revised if path not in right or len(revised[path]) > 1]
        besides = [more_than_the_edit(site.edits[path], revised[path][-1], held[path]) for path in right]
        faults += [
            *(f"{name}: {path}: {site.edits[path].kind}: no revision" for path in site.edits.keys() - right),
            *(f"{name}: {path}: a false revision" for path in false),
            *(f"{name}: {path}: not withdrawn" for path in site.removed.keys() - withdrawn),
            *(f"{name}: {path}: falsely withdrawn" for path in withdrawn - site.removed.keys()),
            *(f"{name}: {each}" for each in besides if each is not None),
        ]
        for what, value in {
            "edits, of them revisions": f"{len(site.edits)}, {len(right)}",
            "false revisions": str(len(false)),
            "diffs that show just the edit": str(sum(each is None for each in besides)),
            "removals, of them withdrawals": f"{len(site.removed)}, {len(site.removed.keys() & withdrawn)}",
            "false withdrawals": str(len(withdrawn - site.removed.keys())),
        }.items():
            rows.setdefault(what, []).append(value)
    lines += [[what, *values] for what, values in rows.items()]
    return faults + _misread(archive)


def _ours(archive: Archive, scratch: Path, seed: int, lines: list[list[str]]) -> list[str]:
    """Change what is ours, and then the template of every page; none of it is a revision."""
    faults = []

    def told(what: str, day: float, *options: str, root: Path | None = None) -> None:
        before = {name: archive.revised(name) for name in archive.sites}
        archive.crawl(day, *options, **({"root": root} if root else {}))
        _dress(archive, seed * 1000 + int(day * 10))
        new = {name: _more(before[name], archive.revised(name)) for name in archive.sites}
        lines.append([f"new revisions: {what}", *(str(len(paths)) for paths in new.values())])
        faults.extend(f"{name}: {path}: a revision by {what}" for name, paths in new.items() for path in paths)

    told("visits a week later", 9, "--due")
    for name, layouts in SITES.items():
        archive.profile(name, layouts, more='remove = ["p:has(> a > img)"]\n')
    told("another profile, crawl --full", 10, "--full")
    other = other_extractor(scratch / f"other-code-{seed}")
    texts = {name: archive.articles(name) for name in archive.sites}
    told("another cleaning rule, crawl --full", 11, "--full", root=other)
    reread = [len(differing(texts[name], archive.articles(name))) for name in archive.sites]
    lines.append(["  fields that it reads otherwise", *map(str, reread)])
    if not all(reread):
        faults.append("the other cleaning rule changed nothing: this show shows nothing")
    told("the first rule again, crawl --full", 12, "--full")
    for template in ("post", "plain"):
        for site in archive.sites.values():
            site.template = template
        told(f"template {template!r}, visits when due", {"post": 45, "plain": 170}[template], "--due")
    return faults + _misread(archive) + _alone(archive, seed, lines)


def _alone(archive: Archive, seed: int, lines: list[list[str]]) -> list[str]:
    """Remove as many articles again: the second visits are then of nothing else."""
    for site in archive.sites.values():
        site.remove(len(site.removed), seed + 1)
    archive.crawl(180, "--full")
    archive.crawl(181.5, "--due")
    found = {name: (site.removed.keys(), archive.withdrawn(name)) for name, site in archive.sites.items()}
    lines.append(["as many removals again, all withdrawals", *(f"{len(told)}" for _, told in found.values())])
    return [f"{name}: {path}: not withdrawn" for name, (gone, told) in found.items() for path in gone - told]


def _more(before: dict[str, list], after: dict[str, list]) -> list[str]:
    return [path for path, revisions in after.items() if len(revisions) > len(before.get(path, ()))]
