"""The third show of visits.py: a new template breaks every selector. It is told, and no article held loses by it."""

from contextlib import closing
from pathlib import Path

from measuring import table
from visits_archive import Archive, Row, differing, misread, more_than_the_edit, other_extractor
from visits_edited import SITES, sites
from visits_pages import Dress

from archive import health
from archive.directory import ArchiveDirectory

#: Articles that are published under the new template.
NEW = 10
#: The site that layouts read keeps its labels where no selector finds them; the other one's new template has none.
TEMPLATES = {"layouts": "plain", "generic": "bare"}


def show(scratch: Path, articles: int, *, brief: bool) -> list[str]:
    """Redesign a site that layouts read and one that none do; print what is told, return the faults."""
    with sites(articles) as shown:
        archive = Archive(scratch / "redesigned", shown)
        for name, layouts in SITES.items():
            archive.profile(name, layouts)
        archive.crawl(0)
        held = {name: archive.articles(name) for name in shown}
        for name, site in shown.items():
            site.template, site.dress = TEMPLATES[name], Dress(99)
            site.publish(NEW)
        archive.crawl(1.3, "--due")
        lines = [["", *SITES]]
        faults = _read(archive, lines)
        faults += _kept(archive, held, lines, "the redesign")
        told = _incidents(archive)
        if not any(one.startswith("layouts: layout changed on 2026-10-02") for one in told):
            faults.append(f"layouts: no incident names the layout that changed: {told}")
        if not brief:
            faults += _later(archive, held, lines, scratch)
        print(table(lines))
        print("\n".join(["", "after the redesign, union-archive status says:", *(f"  {one}" for one in told)]))
    return faults


def _read(archive: Archive, lines: list[list[str]]) -> list[str]:
    """Return what is wrong with the articles that were published under the new template."""
    row, faults = [], []
    for name in archive.sites:
        query = "SELECT layout FROM articles WHERE site = ? AND first_seen_at > '2026-10-02'"
        layouts = [one["layout"] for one in archive.rows(query, name)]
        (run,) = archive.rows("SELECT failed FROM runs WHERE site = ? ORDER BY id DESC LIMIT 1", name)
        row.append(f"{len(layouts)}, {run['failed']}")
        if len(layouts) + run["failed"] != NEW or {*layouts} - {"generic"}:
            faults.append(f"{name}: of {NEW} new articles {layouts} were read, {run['failed']} failed")
    lines.append(["new articles read by the generic extractor, failed", *row])
    return faults


def _kept(archive: Archive, held: dict[str, dict[str, Row]], lines: list[list[str]], after: str) -> list[str]:
    """Return what articles and revisions are not as they were."""
    changed = {name: differing(held[name], archive.articles(name)) for name in archive.sites}
    revised = {name: archive.revised(name) for name in archive.sites}
    lines.append([f"{after}: fields of articles that changed", *(str(len(each)) for each in changed.values())])
    lines.append([f"{after}: revisions", *(str(len(each)) for each in revised.values())])
    faults = [f"{name}: {after}: {each}" for name, some in changed.items() for each in some]
    return faults + [f"{name}: {after}: {path}: a revision" for name, paths in revised.items() for path in paths]


def _later(archive: Archive, held: dict[str, dict[str, Row]], lines: list[list[str]], scratch: Path) -> list[str]:
    """Change the extractor, edit an article, mend the profile; return what is lost or told besides."""
    for site in archive.sites.values():
        site.dress = Dress(100)
    archive.crawl(2, "--full", root=other_extractor(scratch / "other-code"))
    archive.crawl(3, "--full")
    faults = _kept(archive, held, lines, "another extractor and the first again, crawl --full")
    site = archive.sites["layouts"]
    site.edit(1, seed=1)
    ((path, edit),) = site.edits.items()
    archive.crawl(10.5, "--due")
    if archive.revised("layouts"):
        faults.append(f"layouts: {path}: was revised by a reading of the generic extractor")
    archive.profile("layouts", (*SITES["layouts"], "plain"))
    archive.crawl(12, "--full")
    revised, now = archive.revised("layouts"), archive.articles("layouts")
    lines.append(["the profile mended: revisions by the one edit", str(len(revised)), "-"])
    layouts = sorted({row["layout"] for row in now.values()})
    lines.append(["the profile mended: layouts", ", ".join(layouts), "-"])
    if [*revised] != [path] or layouts != ["4"]:
        faults.append(f"layouts: after the profile was mended {[*revised]} are revised, not {path}; layouts {layouts}")
    else:
        faults += filter(None, [more_than_the_edit(edit, revised[path][-1], now[path])])
    open_ = [one for one in _incidents(archive) if one.startswith("layouts: layout")]
    return faults + misread(archive, "layouts") + [f"still open: {one}" for one in open_]


def _incidents(archive: Archive) -> list[str]:
    """Return what is wrong with the sites, in words."""
    with closing(ArchiveDirectory(archive.directory).read_database()) as db:
        return [f"{one.site}: {health.words(one, 'en')}" for one in health.open_incidents(db.conn)]
