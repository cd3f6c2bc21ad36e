"""Pages of an invented union site: some 50 KB of furniture around an article of fifteen paragraphs, and listings."""

import hashlib
from functools import cache

ARTICLES_PER_LISTING = 50
PARAGRAPHS = 15

_PLACES = (
    "东湖区",
    "河口镇",
    "北岭市",
    "南港开发区",
    "柳林县",
    "青石街道",
    "新港码头",
    "西山矿区",
    "白沙工业园",
    "红桥社区",
)
_WHO = (
    "工会",
    "职代会",
    "女职工委员会",
    "劳动争议调解室",
    "职工服务中心",
    "货车司机联合会",
    "班组",
    "劳模工作室",
)
_DOES = (
    "把夜班食堂的用餐时间延长到凌晨一点",
    "为户外劳动者添置了十二处饮水点",
    "与企业就计件单价谈了三轮",
    "请来退休焊工给青年工人上课",
    "公布了上半年劳动保护检查的结果",
    "帮助四十一名职工补签了书面合同",
    "为高温岗位调整了作息时间",
    "在车间门口设了意见簿并每周答复",
    "开办周末托管班照看职工子女",
    "把工伤认定的办事流程画成了一张图",
)
_SAYS = (
    "“条件是一点一点谈下来的，写进合同才算数。”一位参加协商的代表说。",
    "记录显示，意见中有七成与排班和休息有关，其余多是食堂和宿舍的小事。",
    "接下来，会议记录将在公告栏张贴一个月，任何职工都可以提出异议。",
    "这项安排先在两个班组试行，满三个月后由职工代表投票决定去留。",
    "厂方答复，所需费用列入下一年度预算，不从奖金里扣除。",
    "有人担心人手不够，工会提出由轮休的老师傅按自愿原则顶班，并照章支付加班费。",
)
_TITLES = (
    "夜班食堂多开一小时",
    "计件单价谈了三轮",
    "码头上的新饮水点",
    "老焊工周末开课",
    "合同补签到了最后一人",
    "意见簿里的七成",
    "托管班开门了",
    "一张图看懂工伤认定",
)
_HEAD = '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{}-本地工会网</title>'


def title(number: int) -> str:
    """Return the title of article `number`; no two articles share one."""
    return f"{_PLACES[number % 10]}{_TITLES[number % 8]}（{number}）"


def article(number: int) -> bytes:
    """Return the page of article `number`."""
    top, side, bottom = _furniture()
    day = f"2026-{number % 9 + 1:02d}-{number % 28 + 1:02d}"
    paragraphs = "".join(_paragraph(number, part) for part in range(1, PARAGRAPHS + 1))
    related = "".join(_row(max(1, number - back)) for back in range(1, 9))
    return b"".join(
        (
            _HEAD.format(title(number)).encode(),
            top,
            f'<div class="crumb">您的位置：<a href="/">首页</a> &gt; <a href="/list/">要闻</a> &gt; 正文</div>'
            f'<div class="article"><h1>{title(number)}</h1><div class="info"><span>来源：本地工会报</span> '
            f"<span>作者：林小满 周远</span> <span>发布时间：{day} 08:{number % 60:02d}</span></div>"
            f'<div class="content">{paragraphs}'
            f'<p style="text-align:center"><img src="/img/{number}.jpg" alt=""></p>'
            f'<p style="text-align:center">图为协商会现场。本报记者 林小满 摄</p></div>'
            f'<div class="editor">责任编辑：孙立</div></div>'
            f'<div class="related"><h3>相关新闻</h3><ul>{related}</ul></div>'.encode(),
            side,
            bottom,
        )
    )


def listing(page: int, articles: int) -> bytes:
    """Return listing page `page` (from 1) of a site of `articles` articles, fifty to a page, with its 下一页."""
    top, _, bottom = _furniture()
    first = (page - 1) * ARTICLES_PER_LISTING + 1
    rows = "".join(_row(number) for number in range(first, min(first + ARTICLES_PER_LISTING, articles + 1)))
    more = f'<a href="{listing_path(page + 1)}">下一页</a>' if first + ARTICLES_PER_LISTING <= articles else ""
    here = f'<div class="list"><ul>{rows}</ul><div class="pages">{more}</div></div>'
    return b"".join((_HEAD.format("要闻").encode(), top, here.encode(), bottom))


def article_path(number: int) -> str:
    """Return the path of article `number`."""
    return f"/news/{number}.html"


def listing_path(page: int) -> str:
    """Return the path of listing page `page`."""
    return "/list/" if page == 1 else f"/list/{page}.html"


def listings(articles: int) -> int:
    """Return how many listing pages a site of `articles` articles has."""
    return -(-articles // ARTICLES_PER_LISTING)


def _row(number: int) -> str:
    return f'<li><a href="{article_path(number)}" target="_blank">{title(number)}</a></li>\n'


def _paragraph(number: int, part: int) -> str:
    seed = number * 31 + part * 7
    place, who, does = _PLACES[seed % 10], _WHO[seed // 3 % 8], _DOES[(seed + part) % 10]
    return (
        f"<p>　　第{part}件事发生在{place}，{who}{does}，这是今年收到的第{number + part}条建议。"
        f"{_SAYS[(seed + part) % 6]}{_SAYS[(seed // 5 + 2) % 6]}"
        f"{place}的做法随后由{_WHO[(seed + 3) % 8]}整理成文。</p>\n"
    )


@cache
def _furniture() -> tuple[bytes, bytes, bytes]:
    """Return what stands around every article: head and menus, side boxes, footer with its links and scripts."""
    script = "\n".join(
        f"window.stat{n}=function(a,b){{var t=new Date().getTime();"
        f"return a&&b?a+'&r='+t+'_{_mark('js', n)}':document.title.length+{n};}};"
        for n in range(60)
    )
    style = "\n".join(
        f".nav-{n} li a,.side-{n} em{{color:#{n * 4099 % 4096:03x};padding:{n % 9}px 6px;line-height:2em}}"
        for n in range(70)
    )
    menu = "".join(
        f'<li class="nav-{n}"><a href="/channel/{n}/" data-id="{_mark("menu", n)}" title="{_name(n)}">'
        f"{_name(n)}</a></li>\n"
        for n in range(70)
    )
    friends = "".join(
        f'<li><a href="/go/{_mark("go", n)}" rel="nofollow">{_PLACES[n % 10]}总工会服务网（{n}）</a></li>\n'
        for n in range(80)
    )
    top = f"<style>{style}</style><script>{script}</script></head><body><ul class=menu>{menu}</ul>"
    side = f"<div class=aside>{''.join(_box(n) for n in range(8))}</div>"
    foot = f"<div class=friends><h3>友情链接</h3><ul>{friends}</ul></div><div class=foot>版权所有 本地工会网</div>"
    return top.encode(), side.encode(), f"{foot}<script>{script[:4000]}</script></body></html>".encode()


def _box(number: int) -> str:
    rows = "".join(
        f'<li><a href="/topic/{_mark("topic", 100 * number + row)}.html">{_PLACES[(number + row) % 10]}{_DOES[row]}</a>'
        f"<em>08-{row + 10}</em></li>\n"
        for row in range(10)
    )
    return f'<div class="side-{number}"><h3>{_WHO[number % 8]}专栏</h3><ul>{rows}</ul></div>'


def _name(number: int) -> str:
    return f"{_PLACES[number % 10]}{_WHO[number % 8]}"


def _mark(kind: str, number: int) -> str:
    """Return letters and digits such as a CMS puts into its links: they keep a page from packing too well."""
    return hashlib.md5(f"{kind} {number}".encode(), usedforsecurity=False).hexdigest()[:16]
