"""What Datasette tells readers about the archive: titles, column descriptions in English and 中文, order, facets."""

from __future__ import annotations

from typing import Any

from archive.config import ArchiveConfig, is_web
from archive.web.queries import QUERIES

#: Named after the file, archive.db.
DATABASE = "archive"
#: Name under which `serve` registers the plugin, and of its settings.
PLUGIN = "union_archive"

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,  # whole results are for /export, which streams them
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 500,
    "default_facet_size": 15,
    "max_csv_mb": 100,
    # More than the costly requests that are worked on at once (archive.web.slots): an article never waits for them.
    "num_sql_threads": 14,
    "suggest_facets": False,  # it tries every column, most of which are text
    "allow_download": False,  # a copy of a database that is being written lacks what is still in its WAL
    "truncate_cells_html": 120,
}

_ARTICLES = {
    "id": "Order of publication, internal: it moves when a date is corrected; cite the uid · 内部排序号",
    "uid": "Stable id, 16 hex digits; cite this · 永久编号",
    "site": "Site · 站点",
    "section": "Section, as the site names it · 栏目",
    "published_at": "Printed date: a time, a day or a month, ISO 8601; empty where the page prints none · 发布时间",
    "title": "Headline · 主题",
    "kicker": "Line above the headline · 引题",
    "subtitle": "Line below the headline · 副题",
    "source": "Source as printed · 来源",
    "authors": "Authors · 记者、作者",
    "correspondents": "Correspondents · 通讯员",
    "editors": "Editors · 编辑、责任编辑",
    "dateline": "Dateline as printed · 电头",
    "text": "The body as plain text · 正文",
    "html": "The body as sanitised HTML, shown as source · 正文 HTML",
    "images": "Pictures of the body: address, caption, digest · 图片",
    "attachments": "Files the body links to: address, name, digest · 附件",
    "language": "Language of the text, BCP 47 · 语言",
    "translation_of": "Address of the original, on a translated copy · 译自",
    "published_from": "Where the date was read: meta, label, url, listing or body · 日期出处",
    "layout": "Page template that was recognised, or generic · 版式",
    "damaged": "1 where the page itself has lost characters · 原文有乱码",
    "charset": "Charset the page was read with · 字符集",
    "url": "Address of the page · 网址",
    "key": "What makes the page one and the same under all its addresses · 页面标识",
    "first_seen_at": "First fetched, UTC · 首次存档",
    "fetched_at": "Last fetched and found as it is, UTC · 最近核对",
    "withdrawn_at": "Found to be gone, UTC · 撤稿时间",
    "next_check": "Not used: the crawler plans visits elsewhere · 未使用",
    "revision": "Number of the present revision, from 1 · 版本号",
    "sha256": "Digest of what the page says · 内容摘要",
    "derived_with": "Version of the code that read the page · 提取程序版本",
    "change": "Grows with every change to any article; exports page by it · 变更序号",
    "credits": "Editors, reviewers and proofreaders with their roles as printed · 责编、审核、校对等",
    "attached": "What was read in its attachments: list of url, digest, kind, pages, text, error · 附件文本",
}

TABLES: dict[str, dict[str, Any]] = {
    "articles": {
        "title": "Articles 文章",
        "description": "What the pages say now, newest first. 各站点文章的现行版本，按发布时间由新到旧。",
        "label_column": "title",
        "sort_desc": "id",
        # No index serves another order: on a million rows it would only run into the time limit.
        "sortable_columns": ["id", "change"],
        # Each reads an index through: with sources too, a million articles took longer than half a second.
        "facets": ["site", "language"],
        "columns": _ARTICLES,
    },
    "revisions": {
        "title": "Revisions 版本",
        "description": "What a page said before its site changed it. 网站修改前的各个版本。",
        "sortable_columns": [],
        "columns": {
            "uid": "Article · 文章",
            "revision": "Number of the revision, from 1 · 版本号",
            "sha256": "Digest of what it said · 内容摘要",
            "fetched_at": "First seen, UTC · 首次见于",
            "seen_until": "Last seen, UTC · 最后见于",
            "capture": "Capture it was read from · 存档",
            "content": "What it said, as JSON; empty for the present revision · 当时的内容",
        },
    },
    "captures": {
        "title": "Captures 存档",
        "description": "Every response as the server sent it, and where it lies in warc/. 原样保存的服务器回应。",
        "sort_desc": "id",
        "sortable_columns": ["id"],
        "columns": {
            "id": "Number of the capture · 序号",
            "site": "Site · 站点",
            "url": "Address that was asked for · 网址",
            "key": "What makes the page one and the same under all its addresses · 页面标识",
            "uid": "Article read from it · 文章",
            "part": "Page of an article of several, from 1 · 第几页",
            "fetched_at": "Fetched, UTC · 抓取时间",
            "status": "HTTP status · 状态码",
            "content_type": "Content-Type as sent · 内容类型",
            "kind": "response; same as an earlier payload; unmodified (304) · 类别",
            "truncated": "Why the body was cut: length, time or disconnect · 截断原因",
            "warc": "File in warc/ · WARC 文件",
            "offset": "Where its record begins, in bytes · 字节偏移",
            "record_id": "WARC-Record-ID · 记录编号",
            "digest": "Digest of the payload · 载荷摘要",
            "payload": "Capture that holds the payload, where this one does not · 载荷所在存档",
            "run": "Run that fetched it · 抓取批次",
        },
    },
    "sites": {
        "title": "Sites 站点",
        "description": "The federations' websites. 各级工会网站。",
        "label_column": "name",
        "columns": {
            "id": "Id of its profile · 编号",
            "name": "Name as the federation writes it · 名称",
            "name_en": "Name in English · 英文名称",
            "level": "National, provincial, prefecture, district, industrial, … · 级别",
            "region": "ISO 3166-2, or ISO 3166-1 outside China · 地区",
            "home": "Home page · 首页",
            "family": "CMS family · 建站系统",
            "status": "active, paused or unsupported · 状态",
            "reason": "Why it is not active · 原因",
            "profile_sha256": "Digest of the profile it was last crawled with · 配置摘要",
            "next_check": "To be crawled again after, UTC · 下次抓取",
            "name_pinyin": "Chinese name in Hanyu Pinyin · 拼音名称",
            "parent": "Site of the body above it · 上级工会",
        },
    },
    "runs": {
        "title": "Runs 抓取批次",
        "description": "One crawl of one site each. 每次抓取的结果。",
        "sort_desc": "id",
        "sortable_columns": ["id"],
        "columns": {
            "id": "Number of the run · 序号",
            "site": "Site · 站点",
            "started_at": "Began, UTC · 开始",
            "ended_at": "Ended, UTC · 结束",
            "outcome": "running, finished, interrupted or failed · 结果",
            "reason": "Why it ended so · 原因",
            "requests": "Requests sent · 请求数",
            "bytes": "Received, in bytes · 字节数",
            "articles_new": "New articles · 新文章",
            "articles_changed": "Articles the site had changed · 有修改的文章",
            "articles_unchanged": "Articles found as they were · 未变的文章",
            "failed": "Pages that failed · 失败页面",
            "disallowed": "Pages robots.txt forbids · robots.txt 禁止的页面",
            "options": "Options of the command, as JSON · 选项",
            "version": "Version of union-archive · 程序版本",
            "cause": "Why it failed, in a word · 失败原因类别",
            "listings": "Listing pages looked at · 列表页数",
            "links": "Article links on them · 列出的文章",
        },
    },
    "looks": {
        "title": "Looks 巡查记录",
        "description": "When each section was looked at, and how deep. 各栏目巡查的日期与深度。",
        "hidden": True,
        "sortable_columns": [],
        "columns": {
            "site": "Site · 站点",
            "section": "Section · 栏目",
            "day": "Day of the site's zone · 日期",
            "depth": "Listing pages looked at · 列表页数",
            "outcome": "read, unchanged, empty, failed, disallowed or blocked · 结果",
            "articles": "Articles listed · 列出的文章",
            "articles_new": "Articles not known before · 新文章",
            "run": "Run · 抓取批次",
        },
    },
    "withdrawals": {
        "title": "Withdrawals 撤稿",
        "description": "Articles that their sites no longer show. 网站已不再提供的文章。",
        "sortable_columns": ["since", "confirmed_at"],
        "columns": {
            "uid": "Article · 文章",
            "site": "Site · 站点",
            "since": "First visit that found it gone, UTC · 首次发现",
            "seen_at": "Last visit that found it gone, UTC · 最近一次发现",
            "visits": "Visits that found it gone · 发现次数",
            "how": "What the site answered · 网站的回应",
            "capture": "Capture of that answer · 存档",
            "confirmed_at": "Withdrawn by the visit of, UTC; empty before · 确认撤稿",
            "back_at": "Back again, UTC · 重新上线",
        },
    },
    "readings": {
        "title": "Readings 读取统计",
        "description": "What the article pages read on a day yielded, by section and layout. 每日读取正文页的统计。",
        "hidden": True,
        "sortable_columns": [],
        "columns": {
            "site": "Site · 站点",
            "section": "Section · 栏目",
            "day": "Day of the site's zone · 日期",
            "layout": "Layout that read them; empty where none gave an article · 版式",
            "pages": "Pages read · 页面数",
            "new": "New articles · 新文章",
            "changed": "Articles the site had changed · 有修改的文章",
            "dated": "With a date · 有日期",
            "sourced": "With a source · 有来源",
            "signed": "With authors or correspondents · 有作者或通讯员",
            "edited": "With editors · 有编辑",
            "illustrated": "With images · 有图片",
            "damaged": "With lost characters · 有乱码",
            "characters": "Characters of their texts · 字数",
        },
    },
    "aliases": {
        "title": "Aliases 别名网址",
        "description": "Other addresses of articles. 文章的其他网址。",
        "hidden": True,
        "sortable_columns": [],
        "columns": {"url": "Address · 网址", "uid": "Article · 文章"},
    },
    "months": {
        "title": "Months 逐月文章数",
        "description": "How many articles of a site bear a date in a month. 各站点每月发布的文章数。",
        "hidden": True,
        "columns": {
            "site": "Site · 站点",
            "month": "Month as printed, such as 2024-05; empty for articles without a date · 月份",
            "articles": "Articles · 文章数",
        },
    },
    "search_index": {
        "title": "Search index 检索索引",
        "description": "Rules that the search index was made by. 检索索引的规则版本。",
        "hidden": True,
        "columns": {"version": "Version of the rules · 规则版本"},
    },
    "media": {
        "title": "Pictures and attachments 图片与附件",
        "description": "Which articles show a picture or link to a file. 文章中的图片与附件。",
        "hidden": True,
        "columns": {
            "uid": "Article · 文章",
            "url": "Address · 网址",
            "site": "Site · 站点",
            "kind": "image or attachment · 图片或附件",
        },
    },
    "reparses": {"hidden": True, "allow": False},
    # The crawler's own (archive/web/connection.py keeps their rows from SQL too).
    "frontier": {"hidden": True, "allow": False},
    "restrictions": {"hidden": True, "allow": False},
    "incidents": {"hidden": True, "allow": False},
    "articles_fts_data": {"hidden": True, "allow": False},
    "_sqlite_migrations": {"hidden": True, "description": "Upgrades applied to this database."},
}


def metadata(config: ArchiveConfig) -> dict[str, Any]:
    """Return Datasette's metadata for an archive: its name, its rights, and what its tables hold."""
    about: dict[str, Any] = {
        "title": config.name,
        "description": "Trade-union news as the federations published it. 各级工会新闻存档。",
    }
    if config.rights:
        about["license_url" if is_web(config.rights) else "license"] = config.rights
    if config.address:
        about["plugins"] = {PLUGIN: {"address": config.address}}
    return about | {"databases": {DATABASE: {"title": config.name, "tables": TABLES, "queries": QUERIES}}}
