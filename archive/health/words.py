"""What an incident tells a person: one sentence, in Chinese or English, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from archive.health.incidents import Incident

Language = Literal["zh", "en"]
Facts = Mapping[str, Any]
Pair = tuple[str, str]
"""English, Chinese."""

#: By kind: what it is called.
KINDS: Mapping[str, Pair] = {
    "blocked": ("blocked", "被拦截"),
    "down": ("down", "无法连接"),
    "robots": ("robots.txt", "robots.txt"),
    "waits": ("asks to wait", "要求等候"),
    "nothing": ("finds nothing", "没有文章链接"),
    "failed": ("crawl fails", "抓取失败"),
    "listing": ("listing fails", "列表页失败"),
    "layout": ("layout changed", "版式改变"),
    "unread": ("pages without article", "读不出文章"),
    "fields": ("fields missing", "字段缺失"),
    "length": ("length changed", "篇幅改变"),
    "damaged": ("lost characters", "乱码"),
    "errors": ("errors", "请求出错"),
    "vanished": ("articles vanished", "文章大批消失"),
    "silent": ("silent", "停更"),
    "quiet": ("section silent", "栏目停更"),
}
FIELDS: Mapping[str, Pair] = {
    "date": ("a date", "日期"),
    "source": ("a source", "来源"),
    "authors": ("authors", "作者"),
    "editors": ("editors", "编辑"),
    "images": ("images", "图片"),
}

_LOOK = ("look at the page with union-archive review", "请用 union-archive review 查看页面")
_MEND = (f"{_LOOK[0]}, then mend the profile", f"{_LOOK[1]}，并修正站点配置")
_AGAIN = ("it is tried again by itself, less and less often", "系统会自动重试，间隔逐次加长")
_MOVED = ("see whether it has moved, and mend the profile", "请查看是否已经迁移，并修正站点配置")
_FORBIDDEN = ("leave it out of the profile, or ask the site", "请从站点配置中去掉，或与网站联系")

#: By kind: what to do.
_DO: Mapping[str, Pair] = {
    "blocked": (
        f"it is left alone, never evaded: {_LOOK[0]}, or ask the site",
        f"系统不会绕过：{_LOOK[1]}，或与网站联系",
    ),
    "down": _AGAIN,
    "robots": _AGAIN,
    "waits": _AGAIN,
    "nothing": _MEND,
    "failed": _LOOK,
    "listing": _MOVED,
    "layout": _MEND,
    "unread": _MEND,
    "fields": _MEND,
    "length": _MEND,
    "damaged": (f"{_LOOK[0]}: its charset may have changed", f"{_LOOK[1]}，编码可能已改"),
    "errors": ("union-archive runs tells how it goes on", "可用 union-archive runs 查看后续"),
    "vanished": (
        "none of them counts as withdrawn until you decide it with union-archive review; has the site moved?",
        "在用 union-archive review 裁定之前都不算撤稿；网站是否已经迁移？",
    ),
    "silent": _MOVED,
    "quiet": _MOVED,
}


def words(incident: Incident, language: Language) -> str:
    """Return an incident as one sentence, without the site's name and without a full stop.

    It holds words of the site (a section's name): `archive.plain` makes it safe for a terminal.
    """
    place = 0 if language == "en" else 1
    facts = incident.facts
    said = _WHAT[incident.kind](facts)[place] if incident.kind in _WHAT else kind_name(incident.kind, language)
    if incident.section:
        said = (f"{incident.section}: {said}", f"栏目“{incident.section}”：{said}")[place]
    if incident.ended_at is not None:
        day = incident.ended_at[:10]
        return said + (f" (over on {day})", f"（{day} 已恢复）")[place]
    do = _FORBIDDEN if incident.kind == "robots" and "visits" not in facts else _DO.get(incident.kind)
    return said + (("; ", "；")[place] + do[place] if do else "")


def kind_name(kind: str, language: Language) -> str:
    """Return what a kind of incident is called, for tables and titles."""
    return KINDS.get(kind, (kind, kind))[0 if language == "en" else 1]


def _since(en: str, zh: str, facts: Facts, why: str = "") -> Pair:
    """Return what has been so since a day, in how many visits, and why."""
    number = facts.get("visits") or facts.get("looks") or 1
    times = (f" ({number} visits)", f"（已 {number} 次）") if number > 1 else ("", "")
    return (
        f"{en} since {facts['day']}{times[0]}{': ' + why if why else ''}",
        f"自 {facts['day']} 起{zh}{times[1]}{'：' + why if why else ''}",
    )


def _why(facts: Facts) -> str:
    """Return the reason that a run gave, without what the sentence says already."""
    why = str(facts.get("reason", "")).split(";")[0]
    for known in ("blocked: ", "the site does not answer: "):
        why = why.removeprefix(known)
    return why or _error(facts)


def _error(facts: Facts) -> str:
    return str(facts.get("error", ""))


def _nothing(facts: Facts) -> Pair:
    if "visits" in facts or "sections" in facts:
        return _since("no listing yields an article link", "所有列表页都没有文章链接", facts, _error(facts))
    return _since("its listing shows no article link", "列表页没有文章链接", facts, _error(facts))


def _robots(facts: Facts) -> Pair:
    if "visits" in facts:
        return _since(
            "robots.txt cannot be had, so nothing is asked for,", "取不到 robots.txt，暂停抓取", facts, _why(facts)
        )
    return _since("robots.txt forbids the listing", "robots.txt 禁止访问列表页", facts)


def _layout(facts: Facts) -> Pair:
    names = facts.get("layout", "")
    en = f"layout{'s' if ',' in names else ''} {names}" if names else "a layout of the profile"
    zh = f"版式 {names}" if names else "配置中的版式"
    unread = facts.get("unread")
    more = (f", {unread} gave no article", f"，{unread} 页没有读出文章") if unread else ("", "")
    day, pages, matched = facts["day"], facts["pages"], facts["matched"]
    return (
        f"layout changed on {day}: {matched} of {pages} pages matched {en}{more[0]}",
        f"{day} 版式改变：{pages} 页中有 {matched} 页符合{zh}{more[1]}",
    )


def _fields(facts: Facts) -> Pair:
    en = [
        f"{one['with']} of {one['pages']} pages have {FIELDS[one['field']][0]} (before: {one['before']:.0%})"
        for one in facts["fields"]
    ]
    zh = [
        f"{one['pages']} 页中 {one['with']} 页有{FIELDS[one['field']][1]}（此前 {one['before']:.0%}）"
        for one in facts["fields"]
    ]
    return f"since {facts['day']} {', '.join(en)}", f"自 {facts['day']} 起，{'，'.join(zh)}"


def _silent(facts: Facts) -> Pair:
    if "expected" in facts:
        usual = (f"the profile expects one every {facts['expected']}", f"配置要求不超过 {facts['expected']} 天")
    else:
        longest = facts["longest"]
        usual = (f"the longest gap in the year before was {longest}", f"此前一年最长间隔 {longest} 天")
    return (
        f"no new article since {facts['last']}, for {facts['days']} days ({usual[0]})",
        f"{facts['last']} 以后已有 {facts['days']} 天没有新文章（{usual[1]}）",
    )


def _unread(facts: Facts) -> Pair:
    day, pages, unread, before = facts["day"], facts["pages"], facts["unread"], f"{1 - facts['before']:.0%}"
    return (
        f"since {day} {unread} of {pages} pages gave no article (before: {before})",
        f"自 {day} 起，{pages} 页中有 {unread} 页没有读出文章（此前 {before}）",
    )


def _damaged(facts: Facts) -> Pair:
    day, pages, damaged, before = facts["day"], facts["pages"], facts["damaged"], f"{1 - facts['before']:.0%}"
    return (
        f"since {day} {damaged} of {pages} articles have lost characters (before: {before})",
        f"自 {day} 起，{pages} 篇中有 {damaged} 篇出现乱码（此前 {before}）",
    )


def _length(facts: Facts) -> Pair:
    day, pages, now, before = facts["day"], facts["pages"], facts["characters"], facts["before"]
    return (
        f"since {day} texts have {now} characters a page, before {before} ({pages} pages)",
        f"自 {day} 起每页正文 {now} 字，此前 {before} 字（共 {pages} 页）",
    )


def _errors(facts: Facts) -> Pair:
    day, requests, failed, before = facts["day"], facts["requests"], facts["failed"], f"{facts['before']:.0%}"
    return (
        f"since {day} {failed} of {requests} requests failed (before: {before})",
        f"自 {day} 起，{requests} 次请求中有 {failed} 次失败（此前 {before}）",
    )


def _vanished(facts: Facts) -> Pair:
    day, gone, visited = facts["day"], facts["gone"], facts["visited"]
    return (
        f"since {day} {gone} articles are gone, of {visited} that were looked for",
        f"自 {day} 起，查看的 {visited} 篇中有 {gone} 篇不见了",
    )


#: By kind: what its facts say.
_WHAT: Mapping[str, Callable[[Facts], Pair]] = {
    "blocked": lambda facts: _since("blocked", "被网站拦截", facts, _why(facts)),
    "down": lambda facts: _since("does not answer", "无法连接", facts, _why(facts)),
    "robots": _robots,
    "waits": lambda facts: _since("asks to wait", "要求等候", facts, _why(facts)),
    "nothing": _nothing,
    "failed": lambda facts: _since("the crawl fails", "抓取失败", facts, _why(facts)),
    "listing": lambda facts: _since("its listing cannot be read", "列表页读取失败", facts, _error(facts)),
    "layout": _layout,
    "unread": _unread,
    "fields": _fields,
    "length": _length,
    "damaged": _damaged,
    "errors": _errors,
    "vanished": _vanished,
    "silent": _silent,
    "quiet": _silent,
}
