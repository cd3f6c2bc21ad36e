"""The rows of a synthetic archive: invented sites, when they were looked at, articles and what belongs to them."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from synthetic_text import Texts, listed

from archive.article import uid
from archive.revisions import PAGE_COLUMNS, published_second

FIRST, LAST = date(2014, 1, 1), date(2025, 12, 31)
_DAYS = (LAST - FIRST).days
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_LANGUAGE_WEIGHTS = (88, 10, 2)
#: Share of articles with 工会.
EVERYWHERE = 0.7

_LEVELS = ("national", "provincial", "prefecture", "district", "industrial", "grassroots", "media", "international")
_REGIONS = listed("CN-11 CN-31 CN-44 CN-37 CN-32 CN-33 CN-51 CN-61 CN-42 CN-50 CN-53 CN-65 HK MO TW US GB")
_SECTIONS = listed("""
    工会要闻 基层动态 通知公告 图片新闻 权益保障 劳动竞赛 女工之家 职工文化 政策法规 劳模风采 帮扶服务 理论研究
    媒体聚焦 产业工会 经费审查 网上工作 户外驿站 集体协商 法律援助 专题专栏
""")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
_GIVEN = "小文志海春立建新晓宁远明秀安平和满舟禾青"
_PLACES = "东南西北云河江山湖林石白青红新长安宁平和"
_KINDS = listed("州市 陵市 河县 湖区 岭区 港区 溪县")

_ARTICLE_COLUMNS = (
    "id", "uid", *PAGE_COLUMNS, "url", "key", "first_seen_at", "fetched_at", "withdrawn_at", "revision", "sha256",
    "derived_with", "change",
)  # fmt: skip
_BODY = _ARTICLE_COLUMNS.index("text") + 1
# The HTML is the text in <p>: SQLite makes it, so that no process hands it to another.
_HTML = f"'<p>' || replace(?{_BODY}, char(10, 10), '</p><p>') || '</p>'"
_STATEMENTS = {
    "articles": (
        f"INSERT INTO articles ({', '.join(_ARTICLE_COLUMNS)}) VALUES ("
        + ", ".join(_HTML if name == "html" else f"?{at}" for at, name in enumerate(_ARTICLE_COLUMNS, 1))
        + ")"
    ),
    "captures": (
        "INSERT INTO captures (id, site, url, key, uid, fetched_at, status, content_type, kind, warc, offset,"
        " record_id, digest) VALUES (?, ?, ?, ?, ?, ?, 200, 'text/html; charset=utf-8', 'response', ?, ?, ?, ?)"
    ),
    "revisions": (
        "INSERT INTO revisions (uid, revision, sha256, fetched_at, seen_until, capture, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
    ),
    "aliases": "INSERT INTO aliases (url, uid) VALUES (?, ?)",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Places of articles in the archive, in order of their ids."""

    dates: list[tuple[int, str | None]]
    """`id` and `published_at`, ascending."""
    changes: list[int]
    """`change` of each: in no order."""
    sites: int
    first: int = 0
    """Number of the first article of this part."""

    def slice(self, start: int, end: int) -> "Plan":
        """Return the part from article `start` to before `end`."""
        return replace(self, dates=self.dates[start:end], changes=self.changes[start:end], first=start)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a part of the articles, by table."""

    tables: dict[str, list[tuple]]

    def insert(self, connection: sqlite3.Connection) -> None:
        """Write them."""
        for table, rows in self.tables.items():
            connection.executemany(_STATEMENTS[table], rows)


def plan(articles: int, seed: int) -> Plan:
    """Return where each article stands: its day (more in later years), its id and the number of its change."""
    draw = random.Random(f"plan/{seed}")
    printed = sorted((_published(draw) for _ in range(articles)), key=lambda day: (published_second(day), day or ""))
    dates, at = [], -1
    for day in printed:
        at = max(at + 1, published_second(day) * 1024)
        dates.append((at, day))
    changes = list(range(1, articles + 1))
    draw.shuffle(changes)
    return Plan(dates, changes, min(110, max(4, articles // 40)))


def _published(draw: random.Random) -> str | None:
    kind = draw.random()
    if kind < 0.01:
        return None
    day = FIRST + timedelta(int(_DAYS * draw.random() ** 0.6))
    if kind < 0.02:
        return f"{day:%Y-%m}"
    if kind < 0.55:
        return day.isoformat()
    second = draw.randrange(7 * 3600, 20 * 3600)
    return f"{day.isoformat()}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+08:00"


def site_id(number: int) -> str:
    """Return the id of a site by its number, from 0: the one with most articles."""
    return f"invented{number + 1:03}"


def site_rows(count: int) -> Iterator[dict[str, str | None]]:
    """Yield invented sites: one at the top, then each below one of those before it."""
    for number in range(count):
        level = _LEVELS[0] if not number else _LEVELS[1 + number % 7]
        place = _PLACES[number % 20] + _PLACES[(number * 7 + 3) % 20] + _KINDS[number % 7]
        yield {
            "id": site_id(number),
            "name": f"{place}总工会（{number + 1}）",
            "name_en": f"Invented federation of trade unions {number + 1}",
            "level": level,
            "region": _REGIONS[number * 5 % len(_REGIONS)],
            "home": f"http://{site_id(number)}.example.org/",
            "family": "generic",
            "status": "active",
            "reason": None,
            "parent": site_id(number // 6) if number else None,
        }


def _sections(number: int) -> list[str]:
    return [_SECTIONS[(number * 3 + step * 7) % len(_SECTIONS)] for step in range(4 + number % 5)]


def looks(sites: int, seed: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield site, section, day and outcome of weekly looks, with gaps of one to eight months at each site."""
    draw = random.Random(f"looks/{seed}")
    for number in range(sites):
        gaps = [(start, start + draw.randrange(30, 240)) for start in draw.sample(range(_DAYS), 3)]
        for at in range(number % 7, _DAYS, 7):
            if any(start <= at < end for start, end in gaps):
                continue
            day = (FIRST + timedelta(at)).isoformat()
            for section in ("", *_sections(number)[:5]):
                yield site_id(number), section, day, draw.choices(("read", "unchanged", "failed"), (60, 35, 5))[0]


def batch(part: Plan, texts: Texts, seed: int) -> Rows:
    """Return the rows of a part of the articles; they depend on the seed and the place of the part alone."""
    draw = random.Random(f"rows/{seed}/{part.first}")
    cumulated = list(accumulate(1 / (number + 3) for number in range(part.sites)))
    sites = draw.choices(range(part.sites), cum_weights=cumulated, k=len(part.dates))
    tables: dict[str, list[tuple]] = {name: [] for name in _STATEMENTS}
    for at, ((id_, day), change, site) in enumerate(zip(part.dates, part.changes, sites, strict=True)):
        _add(tables, _article(draw, texts, site, id_, day, change), part.first + at + 1, draw)
    return Rows(tables)


def _article(draw: random.Random, texts: Texts, site: int, id_: int, day: str | None, change: int) -> dict[str, object]:
    language = draw.choices(LANGUAGES, _LANGUAGE_WEIGHTS)[0]
    url = f"http://{site_id(site)}.example.org/news/{change}.html"
    text = texts.body(language, draw, everywhere=draw.random() < EVERYWHERE)
    seen = datetime.fromtimestamp(max(published_second(day), 1_388_534_400) + draw.randrange(3600, 30 * 86400), UTC)
    images = [{"url": f"{url}.jpg", "caption": texts.title(language, draw), "digest": None}]
    return {
        "id": id_, "uid": uid(url), "site": site_id(site), "section": draw.choice(_sections(site)),
        "published_at": day,
        "title": texts.title(language, draw, words=draw.randint(5, 10)),
        "kicker": texts.title(language, draw, words=4) if draw.random() < 0.08 else None,
        "subtitle": texts.title(language, draw, words=5) if draw.random() < 0.08 else None,
        "source": f"{_PLACES[int(20 * draw.random() ** 3)]}{_PLACES[int(20 * draw.random() ** 2)]}工人报",
        "authors": _names(draw), "correspondents": _names(draw), "editors": _names(draw),
        "dateline": None, "text": text, "html": None,
        "images": json.dumps(images, ensure_ascii=False) if draw.random() < 0.4 else "[]", "attachments": "[]",
        "language": language, "translation_of": None, "published_from": "label" if day else None, "layout": "1",
        "damaged": 0, "charset": "utf-8", "credits": "[]", "url": url, "key": url,
        "first_seen_at": _utc(seen), "fetched_at": _utc(seen + timedelta(30)),
        "withdrawn_at": _utc(seen + timedelta(60)) if draw.random() < 0.003 else None,
        "revision": 2 if draw.random() < 0.03 else 1,
        "sha256": hashlib.sha256(text.encode()).hexdigest(), "derived_with": "synthetic", "change": change,
    }  # fmt: skip


def _names(draw: random.Random) -> str:
    names = [draw.choice(_SURNAMES) + "".join(draw.choices(_GIVEN, k=2)) for _ in range(draw.choice((0, 1, 1, 2)))]
    return json.dumps(names, ensure_ascii=False)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _add(tables: dict[str, list[tuple]], row: dict[str, object], capture: int, draw: random.Random) -> None:
    """Add an article's rows: itself, its capture (no record stands behind it), its revisions, perhaps an alias."""
    tables["articles"].append(tuple(row[name] for name in _ARTICLE_COLUMNS))
    id_, sha256, seen, held = row["uid"], str(row["sha256"]), row["first_seen_at"], row["fetched_at"]
    warc, offset = f"synthetic-{capture // 50_000:05}.warc.gz", capture % 50_000 * 9_000
    record = f"<urn:uuid:{sha256[:8]}-{sha256[8:12]}-4{sha256[13:16]}-8{sha256[17:20]}-{capture:012}>"
    tables["captures"].append(
        (capture, row["site"], row["url"], row["key"], id_, seen, warc, offset, record, f"sha256:{sha256[:52].upper()}")
    )
    if row["revision"] == 2:
        old = {name: row[name] for name in PAGE_COLUMNS} | {"text": str(row["text"])[:1_400], "html": "<p></p>"}
        content = json.dumps(old, ensure_ascii=False)
        tables["revisions"].append((id_, 1, sha256[::-1], seen, seen, capture, content))
    tables["revisions"].append((id_, row["revision"], sha256, seen, held, capture, None))
    if draw.random() < 0.02:
        tables["aliases"].append((f"{row['url']}?from=old", id_))
