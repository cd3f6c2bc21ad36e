"""XpressEngine: a board of statements with its default skin, from its list or from its Atom feed."""

from html import escape

from local_server import Reply

from family_sites.stories import Built, pages_of
from family_sites.worldwide import KOREAN, told

_PROFILE = 'languages = ["ko"]\ntimezone = "+09:00"\n'
_ABSENT = ("목록", "조회 수", "댓글", "이 게시물을", "Copyright")
_STORIES = [told(KOREAN, number) for number in range(1, 15)]


def address(one):
    """The path of a document."""
    return f"/statement/{7_800_000 + one.number}"


def _from_page(one, number):
    """The path under which page `number` of the list links to a document, without the way that led to it."""
    return address(one) if number == 1 else f"/index.php?mid=statement&document_srl={7_800_000 + one.number}"


def build():
    """The board's list, found from the home page; its page n links to documents by their long address."""
    listed = pages_of(_STORIES, 5)
    pages, expected = {"/": _page("푸른들노총", "").encode(), "/notice": _listing([], 1, 1).encode()}, {}
    for number, rows in enumerate(listed, 1):
        path = "/statement" if number == 1 else f"/index.php?mid=statement&page={number}"
        pages[path] = _listing(rows, number, len(listed)).encode()
        for one in rows:
            expected[_from_page(one, number)] = _expected(one)
            pages[_from_page(one, number)] = pages[address(one)] = _article(one).encode()
    return Built("xpressengine", pages, expected, listing_pages=4, profile=_PROFILE, absent=_ABSENT)


def build_feed():
    """The board's feed, 15 documents a page on real sites, 5 here; the page after the last one is empty."""
    pages = {address(one): _article(one).encode() for one in _STORIES}
    for number, rows in enumerate([*pages_of(_STORIES, 5), []], 1):
        path = "/statement/atom" if number == 1 else f"/index.php?mid=statement&act=atom&page={number}"
        pages[path] = _answering(rows, path)
    return Built(
        "xpressengine",
        pages,
        {address(one): _expected(one) for one in _STORIES},
        listing="/statement/atom",
        section="성명·논평",
        listing_pages=4,
        profile=_PROFILE,
        absent=_ABSENT,
    )


def _answering(rows, path):
    def answer(request):
        body = _feed(rows, f"http://{request.headers['host']}", path)
        return Reply(body.encode(), headers=(("Content-Type", "text/xml; charset=UTF-8"),))

    return answer


def _page(title, content):
    return (
        '<!DOCTYPE html>\n<html lang="ko">\n<head>\n<!-- META -->\n<meta charset="utf-8">\n'
        '<meta name="Generator" content="XpressEngine">\n<meta http-equiv="X-UA-Compatible" content="IE=edge">\n'
        f"<!-- TITLE -->\n<title>{escape(title)}</title>\n<!-- CSS -->\n"
        '<link rel="stylesheet" href="/common/css/xe.min.css?20180116002330" />\n'
        '<link rel="alternate" type="application/atom+xml" title="Atom" href="/statement/atom" />\n</head>\n<body>\n'
        '<div class="gnb"><ul><li><a href="/">홈</a></li><li><a href="/statement">성명·논평</a></li>'
        f'<li><a href="/notice">공지사항</a></li></ul></div><div id="content"><div class="board">{content}</div></div>'
        '<div class="footer">Copyright 푸른들노총</div>\n<!-- ETC -->\n<div class="wfsr"></div></body></html>'
    )


def _listing(rows, number, total):
    way = "" if number == 1 else f"/index.php?mid=statement&amp;page={number}&amp;document_srl="
    items = "".join(
        f'<tr><td class="no">{one.number}</td><td class="title">'
        f'<a href="{way + str(7_800_000 + one.number) if way else address(one)}" rel="nofollow">{escape(one.title)}</a>'
        f'<a href="{way + str(7_800_000 + one.number) if way else address(one)}#comment" class="replyNum" '
        f'title="Replies">[2]</a></td><td class="author"><a href="#popup_menu_area" class="member_4">{one.author}</a>'
        f'</td><td class="time">{one.day:%Y.%m.%d}</td><td class="readNum">311</td></tr>\n'
        for one in rows
    )
    numbers = " ".join(
        f"<strong>{page}</strong>"
        if page == number
        else f'<a href="/index.php?mid=statement&amp;page={page}">{page}</a>'
        for page in range(1, total + 1)
    )
    return _page(
        "성명·논평",
        f'<div class="board_list" id="board_list"><table width="100%"><thead><tr><th class="title">제목</th><th>'
        '<a href="/index.php?mid=statement&amp;sort_index=regdate&amp;order_type=desc" rel="nofollow">날짜</a></th>'
        f'</tr></thead><tbody>{items}</tbody></table></div><div class="list_footer"><div class="pagination">'
        f'<a href="/statement" class="direction prev">첫 페이지</a> {numbers} <a href="/index.php?mid=statement&amp;'
        f'page={total}" class="direction next">끝 페이지</a></div></div>',
    )


def _article(one):
    number = 7_800_000 + one.number
    body = "".join(f"<p>{each}</p>\n" for each in one.paragraphs)
    return _page(
        f"성명·논평 - {one.title}",
        f'<div class="board_read"><div class="read_header"><h1><a href="{address(one)}">{escape(one.title)}</a></h1>'
        f'<p class="time">{one.day:%Y.%m.%d} {one.time}</p><p class="meta"><a href="#popup_menu_area" '
        f'class="member_4 author" onclick="return false">{one.author}</a> <span class="sum"><span class="read">'
        f'조회 수:311</span></span></p></div><div class="read_body"><!--BeforeDocument({number},4)-->'
        f'<div class="document_{number}_4 xe_content">{body}</div><!--AfterDocument({number},4)--></div>'
        f'<div class="read_footer"><div class="tns"><a class="document_{number} action" href="#popup_menu_area">'
        '이 게시물을</a></div><div class="btnArea"><a href="/statement" class="btn">목록</a></div></div></div>'
        '<div class="feedback" id="comment"><div class="fbHeader"><h2>댓글 \'1\'</h2></div><ul class="fbList"><li>'
        '<!--BeforeComment(9,5)--><div class="comment_9_5 xe_content">함께 하겠습니다.</div><!--AfterComment(9,5)-->'
        "</li></ul></div>",
    )


def _expected(one):
    return one.said(
        "성명·논평",
        "xpressengine:1",
        source=None,
        editors=[],
        published_at=f"{one.day}T{one.time}:00+09:00",
        language="ko",
    )


def _feed(rows, site, path):
    items = "".join(
        f"<entry>\n<title><![CDATA[{one.title}]]></title>\n<id>{site}{address(one)}</id>\n"
        f"<published>{one.day}T{one.time}:00+09:00</published>\n<updated>{one.day}T23:59:00+09:00</updated>\n"
        f'<link rel="alternate" type="text/html" href="{site}{address(one)}"/>\n'
        f'<link rel="replies" type="text/html" href="{site}{address(one)}#comment"/>\n'
        f"<author>\n<name><![CDATA[{one.author}]]></name>\n</author>\n"
        f'<content type="html"><![CDATA[{"".join(f"<p>{each}</p>" for each in one.paragraphs)}]]></content>\n</entry>\n'
        for one in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f'<title type="text">성명·논평</title>\n<updated>2026-09-20T10:00:00+09:00</updated>\n'
        f"<id>{site}{escape(path)}</id>\n"
        f'<link rel="alternate" type="text/html" hreflang="ko" href="{site}/statement"/>\n'
        f'<link rel="self" type="application/atom+xml" href="{site}{escape(path)}"/>\n'
        f'<generator uri="http://www.xpressengine.com/">XpressEngine</generator>\n{items}</feed>\n'
    )
