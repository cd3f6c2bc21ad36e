"""An archive with all that a rebuild has to bring back: edits, removals, twins, translations, decisions."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from measuring import measure, union_archive
from visits_archive import Archive
from visits_pages import Dress, page
from visits_site import LocalSite, Site
from visits_stories import START, story

from archive.clock import VARIABLE
from archive.payload import parse_response
from archive.warc import Exchange, record_id, response_member

#: Each site's part of the articles, and the templates that its profile reads. Both first ones tell the same stories.
SITES: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "first": (0.4, ("news", "table")),
    "twin": (0.4, ("news", "table")),
    "plain": (0.2, ()),
}
TRANSLATED = 10


@contextmanager
def lived(scratch: Path, articles: int) -> Iterator[Archive]:
    """Yield an archive of some sites that lived through two months."""
    with ExitStack() as stack:
        sites = {
            name: Site(stack.enter_context(LocalSite()), int(articles * share)) for name, (share, _) in SITES.items()
        }
        archive = Archive(scratch / "archive", sites)
        for name, (_, layouts) in SITES.items():
            archive.profile(name, layouts, media=True)
        _live(archive, scratch)
        yield archive


@contextmanager
def left(scratch: Path) -> Iterator[Archive]:
    """Yield the archive that lived there before, without its sites."""
    archive = Archive.__new__(Archive)
    archive.directory, archive.sites = scratch / "archive", {}
    yield archive


def _live(archive: Archive, scratch: Path) -> None:
    archive.crawl(0)
    for number, site in enumerate(archive.sites.values()):
        site.dress = Dress(number)
        site.edit(max(len(site.stories) // 20, 1), number)
        site.remove(20, number)
    for day in (0.6, 1.3):
        archive.crawl(day, "--due")
    archive.crawl(2.6, "--due")
    _decide(archive, 2.7)
    archive.crawl(9, "--due")
    for number, site in enumerate(archive.sites.values()):
        site.dress = Dress(10 + number)
        for path in [*site.removed][:5]:
            del site.removed[path]  # back again
        site.publish(20)
        site.edit(10, 100 + number)
    _command(archive, 9.5, "crawl", "first", "--replay", str(_translations(archive, scratch / "translations.warc.gz")))
    for day in (10, 40, 61):
        archive.crawl(day, "--due")
    archive.crawl(62, "--full")


def _decide(archive: Archive, day: float) -> None:
    """Restrict articles, one of them for a while, and decide about the first of what may be withdrawn."""
    uids = [row["uid"] for row in archive.rows("SELECT uid FROM articles ORDER BY uid LIMIT 6")]
    for uid in uids:
        _command(archive, day, "restrict", uid, "--reason", "asked for by a person it names")
    _command(archive, day + 0.1, "restrict", "--lift", uids[0], "--reason", "no longer so")
    items = json.loads(_command(archive, day, "review", "--kind", "withdrawn", "--json"))
    for item, action in zip(items[:6], ("withdrawn", "not-withdrawn") * 3, strict=False):
        _command(archive, day, "review", "decide", item["id"], action)


def _command(archive: Archive, day: float, *arguments: str) -> str:
    clock = archive.directory.parent / f"{archive.directory.name}.clock"
    clock.write_text((START + timedelta(days=day)).isoformat(), encoding="ascii")
    command = union_archive(archive.directory, *arguments)
    measured = measure(command, clock.with_suffix(".txt"), **{VARIABLE: str(clock)})
    if measured.status:
        sys.exit(f"{' '.join(arguments)}: exit {measured.status}; it said:\n{measured.output[-2000:]}")
    return measured.output


def _translations(archive: Archive, path: Path) -> Path:
    """Write a WARC file with pages of a web translator, made of articles of the first site."""
    home = archive.sites["first"].server.url
    members = []
    for number in range(1, TRANSLATED + 1):
        one = story(number)
        url = f"http://translate.baiducontent.com/transpage?query={quote(home + one.path, safe='')}&from=zh&to=en"
        body = page(one, "news", Dress(0)).replace(
            one.title.encode(), f"Local union opens a school, part {number}".encode()
        )
        wire = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        exchange = Exchange(url, START + timedelta(days=9, minutes=number), b"", wire)
        members.append(response_member(exchange, parse_response(wire), id_=record_id(), warcinfo=None))
    path.write_bytes(b"".join(members))
    return path
