"""Canned queries: what people ask of an archive, bounded so that one of a million articles answers within the limit.

Parameters may be left empty. Answers come from indexes and from `months`; where more must be read or sorted, the newest
articles of the time that is asked for are.
"""

from __future__ import annotations

from typing import Any

#: Articles whose rows a query looks into, and those that it sorts by what an index says of them.
NEWEST = 20_000
MANY = 200_000

# articles.id is the UTC second times 1,024 (docs/data-model.md): a range of it is a stretch of time, without any date.
_TIME = """WITH time AS (
  SELECT (coalesce(unixepoch(substr(nullif(:after, '') || '-01-01', 1, 10)),
            unixepoch('now', '-12 months')) - 8 * 3600) * 1024 AS start,
         (coalesce(unixepoch(substr(nullif(:before, '') || '-01-01', 1, 10)),
            unixepoch('now', '+2 days')) - 8 * 3600) * 1024 AS "end"
)"""
_IN_TIME = 'id >= (SELECT start FROM time) AND id < (SELECT "end" FROM time)'
_OF_SITE = "(:site = '' OR site = :site)"
_IN_MONTHS = """month >= coalesce(nullif(substr(:after, 1, 7), ''), strftime('%Y-%m', 'now', '-12 months'))
  AND month < coalesce(nullif(substr(:before, 1, 7), ''), '9999')"""
_OF_LEVEL = "(:level = '' OR level = :level)"

_PERIOD = (
    "after and before: 2024, 2024-05 or 2024-05-25; empty: the last 12 months.",
    "after、before：起止日期，如 2024、2024-05、2024-05-25；留空为最近 12 个月。",
)
_SITE = ("site: the id of a site; empty: all.", "site：站点编号；留空为全部。")
_LEVEL = (
    "level: national, provincial, prefecture, district, industrial, grassroots, media or international; empty: all.",
    "level：级别，如 national、provincial、industrial；留空为全部。",
)


def _query(
    title: tuple[str, str], description: tuple[str, str], *hints: tuple[str, str], params: list[str], sql: str
) -> dict[str, Any]:
    said = [" ".join(text[0] for text in (description, *hints)), "".join(text[1] for text in (description, *hints))]
    return {"title": " · ".join(title), "description": " · ".join(said), "params": params, "sql": sql.strip()}


QUERIES: dict[str, dict[str, Any]] = {
    "published_by_site": _query(
        ("Who published most", "哪些工会发文最多"),
        ("Articles by the month they are dated.", "按发布月份统计的文章数。"),
        _PERIOD,
        _LEVEL,
        params=["after", "before", "level"],
        sql=f"""
SELECT sites.id AS site, name, level, region, sum(articles) AS articles,
  min(month) AS first_month, max(month) AS last_month
FROM months JOIN sites ON sites.id = months.site
WHERE {_IN_MONTHS}
  AND {_OF_LEVEL}
GROUP BY sites.id ORDER BY articles DESC, sites.id
""",
    ),
    "published_by_level": _query(
        ("Articles by level and month", "各级工会逐月发文"),
        ("How many articles the federations of each level published.", "各级工会每月发布的文章数。"),
        _PERIOD,
        _LEVEL,
        params=["after", "before", "level"],
        sql=f"""
SELECT month, level, count(*) AS sites, sum(articles) AS articles
FROM months JOIN sites ON sites.id = months.site
WHERE {_IN_MONTHS}
  AND {_OF_LEVEL}
GROUP BY month, level ORDER BY month DESC, articles DESC
""",
    ),
    "bylines": _query(
        ("Authors named most", "署名最多的作者"),
        (
            f"Of the newest {NEWEST:,} articles of the time asked for.",
            f"统计所选时间内最新的 {NEWEST:,} 篇文章。",
        ),
        _PERIOD,
        _SITE,
        params=["after", "before", "site"],
        sql=f"""
{_TIME}, newest AS (
  SELECT id FROM articles INDEXED BY articles_facets
  WHERE {_IN_TIME} AND {_OF_SITE}
  ORDER BY id DESC LIMIT {NEWEST}
)
SELECT author.value AS author, count(*) AS articles, count(DISTINCT site) AS sites, min(site) AS a_site,
  substr(min(published_at), 1, 10) AS first_day, substr(max(published_at), 1, 10) AS last_day
FROM newest CROSS JOIN articles USING (id)
  CROSS JOIN json_each(CASE WHEN json_valid(authors) THEN authors ELSE '[]' END) AS author
GROUP BY author.value ORDER BY articles DESC, author LIMIT 500
""",
    ),
    "sections": _query(
        ("Sections and how much they hold", "各栏目的文章数"),
        (
            f"Of the newest {MANY:,} articles of the time asked for, the largest first.",
            f"统计所选时间内最新的 {MANY:,} 篇文章。",
        ),
        _PERIOD,
        _SITE,
        params=["after", "before", "site"],
        sql=f"""
{_TIME}, newest AS (
  SELECT site, section, published_at FROM articles INDEXED BY articles_facets
  WHERE {_IN_TIME} AND {_OF_SITE} AND section IS NOT NULL
  ORDER BY id DESC LIMIT {MANY}
)
SELECT site, section, count(*) AS articles, substr(min(published_at), 1, 10) AS first_day,
  substr(max(published_at), 1, 10) AS last_day
FROM newest
GROUP BY site, section ORDER BY articles DESC, site, section
""",
    ),
    "newest_by_region": _query(
        ("Newest articles of each region", "各地区最新文章"),
        ("The five newest articles of every region.", "每个地区最新的五篇文章。"),
        ("region: a code such as CN-37, or how it begins; empty: all.", "region：地区代码，如 CN-37；留空为全部。"),
        params=["region"],
        sql="""
WITH newest AS (
  SELECT region, articles.id, row_number() OVER (PARTITION BY region ORDER BY articles.id DESC) AS place
  FROM sites CROSS JOIN articles
    ON articles.id IN (SELECT id FROM articles AS of_site WHERE of_site.site = sites.id ORDER BY id DESC LIMIT 5)
  WHERE region IS NOT NULL AND substr(region, 1, length(:region)) = :region
)
SELECT newest.region, substr(published_at, 1, 10) AS day, title, site, uid
FROM newest JOIN articles USING (id) WHERE place <= 5 ORDER BY newest.region, articles.id DESC
""",
    ),
    "edited": _query(
        ("Articles edited after publication", "发布后被修改的文章"),
        (
            "When a later revision was first seen, the newest first. Each revision is one change that the site made.",
            "首次见到后续版本的时间，由新到旧。每个版本对应网站的一次修改。",
        ),
        _SITE,
        ("since: a day; empty: the last 12 months.", "since：起始日期；留空为最近 12 个月。"),
        params=["site", "since"],
        sql="""
SELECT revisions.fetched_at AS seen_at, revisions.revision, title, site,
  substr(published_at, 1, 10) AS day, articles.uid
FROM revisions JOIN articles ON articles.uid = revisions.uid
WHERE revisions.revision > 1
  AND revisions.fetched_at >= coalesce(nullif(:since, ''), date('now', '-12 months'))
  AND (:site = '' OR site = :site)
ORDER BY revisions.fetched_at DESC LIMIT 500
""",
    ),
    "withdrawn": _query(
        ("Articles withdrawn", "被撤下的文章"),
        (
            "Articles whose pages were found to be gone, the newest first; the archive keeps what they said.",
            "核对时网页已不存在的文章，由新到旧；本档案保留其内容。",
        ),
        _SITE,
        params=["site"],
        sql="""
SELECT withdrawn_at, title, site, substr(published_at, 1, 10) AS day, url, uid
FROM articles WHERE withdrawn_at IS NOT NULL AND (:site = '' OR site = :site)
ORDER BY withdrawn_at DESC LIMIT 500
""",
    ),
    "languages": _query(
        ("Languages of each site", "各站点的语言"),
        ("By the language of the articles' texts.", "按文章正文的语言统计。"),
        _PERIOD,
        params=["after", "before"],
        sql=f"""
{_TIME}
SELECT site, language, count(*) AS articles, substr(max(published_at), 1, 10) AS last_day
FROM articles INDEXED BY articles_facets
WHERE {_IN_TIME}
GROUP BY site, language ORDER BY site, articles DESC
""",
    ),
    "coverage": _query(
        ("Days looked at", "各站点巡查的天数"),
        (
            "On how many days of a month each site was looked at (read, unchanged or empty), and on how many it failed."
            " In a month without a row nobody looked.",
            "各站点每月成功巡查（read、unchanged、empty）与失败的天数；没有记录的月份无人巡查。",
        ),
        _PERIOD,
        (
            "site: the id of a site; empty: all, of the last 24 months at most.",
            "site：站点编号；留空为全部站点，最多最近 24 个月。",
        ),
        params=["after", "before", "site"],
        sql=f"""
WITH days AS (
  SELECT site, day, max(outcome IN ('read', 'unchanged', 'empty')) AS looked,
    count(*) AS sections, sum(articles_new) AS new
  FROM looks WHERE {_OF_SITE}
    AND day >= coalesce(nullif(:after, ''), date('now', '-12 months'))
    AND (:site <> '' OR day >= date('now', '-24 months'))
    AND day < coalesce(nullif(:before, ''), '9999')
  GROUP BY site, day
)
SELECT site, substr(day, 1, 7) AS month, sum(looked) AS days_looked_at, sum(NOT looked) AS days_failed,
  max(sections) AS sections, sum(new) AS articles_new
FROM days GROUP BY site, month ORDER BY month DESC, site
""",
    ),
}
