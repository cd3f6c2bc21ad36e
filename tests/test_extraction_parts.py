"""Articles of several pages: their further pages are found, told from other links, and joined into one article."""

import time
from dataclasses import replace

import pytest
from extraction_pages import BODY, TEXT, TITLE, URL, markup, read
from selectolax.lexbor import LexborHTMLParser

from archive.article import Article, Attachment, Image
from crawler.extraction import ExtractionError, extract, join
from crawler.families import FAMILIES
from crawler.families.numbering import MAX_PARTS, Place

STEM = URL.removesuffix(".html")


def files(*numbers, separator="_"):
    return tuple(f"{STEM}{separator}{number}.html" for number in numbers)


def named(pager, *, url=URL, place=None, where="after"):
    """The pages that a page with this pager names, and that no word of it is text."""
    html = markup(BODY + pager) if where == "in" else markup(BODY, after=pager)
    article = extract(html.encode(), url, place=place)
    assert article.text == TEXT
    return article.parts


@pytest.mark.parametrize("where", ["in", "after"])
@pytest.mark.parametrize(
    ("pager", "parts"),
    [
        ('<center><a href="417.html">1</a> <a href="417_2.html">2</a> <a href="417_3.html">[3]</a></center>', (2, 3)),
        ('<p><a href="417.html">【1】</a><a href="/news_2/417_2.html">【2】</a></p>', (2,)),
        ('<div>[1] [<a href="417_2.html">2</a>] [<a href="417_3.html">3</a>]</div>', (2, 3)),
        ('<p>共2页 (1) <a href="417_2.html">(2)</a> <a href="417_2.html">尾页</a></p>', (2,)),
        ('<p>第1页 <a href="417_2.html">第2页</a> <a href="417_3.html">第三页</a></p>', (2, 3)),
        ('<p><a href="417_2.html">第2页：夜班之后</a></p>', (2,)),
        ('<p><b>1</b> <a href="417_1.html">2</a> <a href="417_2.html">3</a> <a href="417_1.html">下页</a></p>', (1, 2)),
        ('<p><a href="417_2.html">下一页</a></p>', (2,)),
        ('<p><a href="417_1.html"><span>Next page</span> &gt;&gt;</a></p>', (1,)),
        ('<p><a href="417_2.html" title="下一页">&raquo;</a></p>', (2,)),
        ('<p><a href="417_2.html#p">余下全文&gt;&gt;</a></p>', (2,)),
        # The first pages of many: the others are named by those.
        ('<p>1 <a href="417_2.html">2</a> <a href="417_3.html">3</a> … <a href="417_12.html">12</a></p>', (2, 3)),
        ('<p><a href="417_1.html">1</a> <a href="417_2.html">2</a></p>', (2,)),
    ],
)  # fmt: skip
def test_pager_names_the_further_pages(pager, parts, where):
    assert [one.partition("#")[0] for one in named(pager, where=where)] == list(files(*parts))


def test_numbers_after_a_hyphen():
    pager = '<div><a href="417.html">【1】</a><a href="417-2.html">【2】</a></div>'
    assert named(pager) == files(2, separator="-")


@pytest.mark.parametrize(
    ("url", "pager", "parts"),
    [
        ("http://gh.example/a/7", "<p><a href='/a/7'>1</a> <a href='/a/7?page=2'>2</a></p>", ["/a/7?page=2"]),
        ("http://gh.example/a/7", "<p><a href='?page=0'>1</a> <a href='?page=1'>2</a></p>", ["/a/7?page=1"]),
        ("http://gh.example/v?id=7", "<p><a href='v?id=7&page=2'>下一页</a></p>", ["/v?id=7&page=2"]),
        ("http://gh.example/v?id=7", "<p><a href='v?page=2&id=7'>下一页</a></p>", ["/v?page=2&id=7"]),
        ("http://gh.example/v?id=7&page=1", "<p><a href='v?id=7&page=2'>2</a></p>", ["/v?id=7&page=2"]),
        ("http://gh.example/v/7", "<p><a href='?p=2'>2</a> <a href='?p=3'>3</a></p>", ["/v/7?p=2", "/v/7?p=3"]),
        ("http://gh.example/a/7/", "<p><a href='2/'>2</a> <a href='3/'>3</a></p>", ["/a/7/2/", "/a/7/3/"]),
        ("http://gh.example/a/7", "<p><a href='/a/7/2'>下一页</a></p>", ["/a/7/2"]),
        ("http://gh.example/a/7.html", "<p><a href='7/2.html'>2</a></p>", ["/a/7/2.html"]),
        ("http://gh.example/show-3-7-1.html", "<p>1 <a href='show-3-7-2.html'>2</a></p>", ["/show-3-7-2.html"]),
        ("http://gh.example/a/7_0.shtml", "<p>1 <a href='7_1.shtml'>2</a></p>", ["/a/7_1.shtml"]),
        ("http://www.gh.example/a/7.htm", "<p><a href='http://gh.example/a/7_2.htm'>2</a></p>", ["/a/7_2.htm"]),
    ],
)
def test_other_forms_of_addresses(url, pager, parts):
    assert [one.partition("example")[2] for one in named(pager, url=url)] == parts
    assert named(pager, url=url, where="in")


@pytest.mark.parametrize(
    "pager",
    [
        '<p>下一页：<a href="418.html">蓝田区总工会为早班职工送早餐</a></p>',
        '<p><a href="416.html">上一页</a> <a href="418.html">下一页</a></p>',
        '<p><a href="418.html">下一篇</a></p>',
        '<p><a href="418_2.html">2</a></p>',
        '<p><a href="417_3.html">3</a></p>',
        '<p><a href="417_2.html">图解</a></p>',
        '<p><a href="list_2.html">2</a> <a href="list_3.html">3</a> <a href="list_2.html">下一页</a></p>',
        '<p><a href="http://other.example/news_2/417_2.html">2</a></p>',
        '<p><a href="417_2.html"><img src="/next.gif"></a> <a href="417_2.html">下一张</a></p>',
        '<div class="gallery"><a href="417_2.html">下一页</a></div>',
        '<div id="comment-list"><p><a href="417_2.html">2</a></p></div>',
        '<p><a href="417_2.html#comments">2</a></p>',
        '<p><a href="javascript:go(2)">2</a> <a href="#">下一页</a></p>',
        '<p><a href="417_2.html">2</a> <a href="417_7.html">3</a></p><p><a href="417_2.html">3</a></p>',
        '<p><a href="417_90.html">90</a></p>',
        '<input type="hidden" name="__totalpage" value="1000">',
        '<input type="hidden" name="__totalpage" value="1">',
        '<input type="hidden" name="__totalpage" value="zwei">',
        "<script>createPageHTML(1, 0, '417', 'html');</script>",
        "<script>createPageHTML(9, 0, 'index', 'html');</script>",
        "<script>createPageHTML(400, 0, '417', 'html');</script>",
    ],
)  # fmt: skip
def test_other_links_are_no_further_pages(pager):
    html = markup(BODY, after=pager)
    assert [one for one in read(html).parts if one != files(2)[0]] == []
    assert "下一页" not in read(html).text


@pytest.mark.parametrize(
    ("url", "pager"),
    [
        ("http://gh.example/?p=417", '<p><a href="?p=2">下一页</a></p>'),
        ("http://gh.example/?p=1", '<p><a href="?p=2">下一页</a></p>'),
        ("http://gh.example/v?id=7", '<p><a href="v?id=8">下一页</a></p>'),
        ("http://gh.example/v?id=7", '<p><a href="v?page=2">2</a></p>'),
        ("http://gh.example/news/index.html", '<p><a href="index_2.html">2</a></p>'),
        ("http://gh.example/news/", '<p><a href="/news2/">2</a></p>'),
        ("http://gh.example/", '<p><a href="/2/">2</a></p>'),
        # An article with 1 at its end, and the next one.
        ("http://gh.example/a/20240501_1.html", '<p><a href="20240501_2.html">下一页</a></p>'),
    ],
)
def test_addresses_of_something_else(url, pager):
    assert read(markup(BODY, after=pager), url=url).parts == ()


@pytest.mark.parametrize("href", ["?page=2", "/news/7/2"])
def test_pager_far_from_the_text_is_of_something_else(href):
    item = '<li><a href="/news/{0}">第{0}条消息：街道工会的夜校又开了一个新班</a></li>'
    listed = "".join(item.format(number) for number in range(100, 140))
    pager = f'<p><a href="{href}">2</a></p>'
    url = "http://gh.example/news/7"
    assert read(markup(BODY, after=f"<ul>{listed}</ul>{pager}"), url=url).parts == ()
    assert read(markup(pager + BODY), url=url).parts
    assert read(pager + markup(BODY), url=url).parts == ()


def test_hidden_counter_names_the_further_pages():
    html = markup(BODY + '<input type="hidden" name="__totalpage" value="3">')
    assert read(html).parts == files(2, 3)
    assert read(html, url="http://gh.example/?id=7").parts == ()


@pytest.mark.parametrize(
    "call",
    [
        'createPageHTML(3, 0, "t20180918_417", "shtml");',
        "createPageHTML('page_div', 3, 0, 't20180918_417', 'shtml', 60);",
        'function createPageHTML(_nPageCount, _nCurrIndex){} createPageHTML( 3,0,"t20180918_417","shtml")',
    ],
)
def test_script_names_the_further_pages(call):
    url = "http://www.lantian.example/gzdt/201809/t20180918_417.shtml"
    html = markup(BODY, after=f"<script>{call}</script>")
    stem = url.removesuffix(".shtml")
    assert read(html, url=url).parts == (f"{stem}_1.shtml", f"{stem}_2.shtml")
    second = html.replace("0,", "1,")
    assert read(second, url=f"{stem}_1.shtml").part_of == url
    place = Place(url, 2)
    assert extract(second.encode(), f"{stem}_1.shtml", place=place).parts == (f"{stem}_2.shtml",)


def test_whole_text_on_one_page_is_read_only_where_no_pager_is():
    whole = '<p><a href="417_all.html">单页阅读</a></p>'
    assert named(whole) == files("all")
    assert named(f'<p><a href="417_2.html">2</a></p>{whole}') == files(2)
    assert named('<p><a href="417_0.html">阅读全文</a></p>') == files(0)
    assert named('<p><a href="418_all.html">阅读全文</a></p>') == ()
    assert named("<p><a href='?page=all'>显示全文</a></p>", url="http://gh.example/a/7") == (
        "http://gh.example/a/7?page=all",
    )


# Further pages.


def test_further_page_names_the_pages_after_it():
    pager = '<p><a href="417.html">上一页</a> <a href="417_2.html">2</a> <a href="417_3.html">下一页</a></p>'
    assert named(pager, url=files(2)[0], place=Place(URL, 2), where="in") == files(3)
    # The engine that calls it 1.
    pager = '<p><a href="417.html">上一页</a> <a href="417_2.html">下一页</a></p>'
    assert named(pager, url=files(1)[0], place=Place(URL, 2), where="in") == files(2)
    # The last one leads back, and no further than so many pages.
    assert named('<p><a href="417_2.html">上一页</a></p>', url=files(3)[0], place=Place(URL, 3), where="in") == ()
    last = f'<p><a href="417_{MAX_PARTS + 1}.html">下一页</a></p>'
    assert named(last, url=files(MAX_PARTS)[0], place=Place(URL, MAX_PARTS)) == ()


@pytest.mark.parametrize(
    ("url", "pager", "first"),
    [
        (files(2)[0], '<a href="417.html">1</a> <b>2</b> <a href="417_3.html">3</a>', URL),
        (files(1)[0], '<a href="417.html">上一页</a>', URL),
        (files(3)[0], '<a href="417.html">首页</a> <a href="417_2.html">上一页</a>', URL),
        (files(2)[0], '<input type="hidden" name="__totalpage" value="2">', URL),
        ("http://gh.example/v?id=7&page=2", '<a href="v?id=7&page=1">1</a>', "http://gh.example/v?id=7"),
        ("http://gh.example/show-3-7-2.html", '<a href="show-3-7-1.html">1</a>', "http://gh.example/show-3-7-1.html"),
    ],
)
def test_page_reached_by_itself_tells_its_first_page(url, pager, first):
    article = read(markup(BODY, after=f"<p>{pager}</p>"), url=url)
    assert (article.part_of, article.part_guessed, article.parts) == (first, False, ())
    assert article.text == TEXT


@pytest.mark.parametrize(
    ("url", "pager"),
    [
        (URL, '<a href="417_2.html">2</a>'),
        (files(2)[0], '<a href="416.html">上一页</a> <a href="/">首页</a>'),
        (files(2)[0], '<a href="416_2.html">1</a>'),
        ("http://gh.example/news/12", '<a href="/news/">1</a> <a href="/news/2">2</a>'),
        ("http://gh.example/news/7?page=x", '<a href="/news/7">1</a>'),
    ],
)
def test_page_of_its_own_has_no_first_page(url, pager):
    assert read(markup(BODY, after=f"<p>{pager}</p>"), url=url).part_of is None


def test_page_between_others_is_a_guess():
    """Articles of one day may be numbered, and lead to each other, like the pages of an article."""
    pager = '<p><a href="417_3.html">上一页</a> <a href="417_5.html">下一页</a></p>'
    article = read(markup(BODY + pager), url=files(4)[0])
    assert (article.part_of, article.part_guessed, article.parts, article.text) == (URL, True, (), TEXT)


def test_further_page_may_lack_what_an_article_must_have():
    html = '<meta charset="utf-8"><div class="content"><p>活动持续三天，掌声一直没有停。</p></div>'
    with pytest.raises(ExtractionError):
        read(html, url=files(2)[0])
    article = extract(html.encode(), files(2)[0], place=Place(URL, 2))
    assert (article.text, article.title, article.part_of) == ("活动持续三天，掌声一直没有停。", "", URL)
    with pytest.raises(ExtractionError):
        extract(b"<p></p>", files(2)[0], place=Place(URL, 2))


def test_families_find_parts_alike():
    page = LexborHTMLParser('<a href="7_2.html">2</a><a href="/a/7_3.html">3</a><a href="7_5.html">5</a>')
    url = "http://gh.example/a/7.html"
    for family in FAMILIES.values():
        assert family.parts(page, url, None) == ("http://gh.example/a/7_2.html", "http://gh.example/a/7_3.html")
        assert family.first_page(page, url, None) is None


def test_copy_of_a_translator_has_no_parts():
    url = f"https://fanyi.baidu.com/transpage?query={URL}&from=zh&to=en"
    assert read(markup(BODY, after='<p><a href="417_2.html">2</a></p>'), url=url).parts == ()


@pytest.mark.parametrize(
    "pager",
    [
        '<a href="417_2.html">2</a> ' * 5_000,
        "<p>" + '<a href="417_2.html">2</a> 号车间 ' * 5_000 + "</p>",
        "<p>" + "1 " * 200_000 + '<a href="417_2.html">2</a></p>',
        "<p>" + "第一页" * 60 + '好 <a href="417_2.html">2</a></p>',
        "<div>" * 3_000 + '<a href="417_2.html">2</a>',
    ],
    ids=["links", "links in text", "numbers", "words", "nested"],
)
def test_hostile_pager_costs_little(pager):
    began = time.process_time()
    read(markup(BODY + pager))
    assert time.process_time() - began < 4


# The pager's own words.


LAST = "　　工会把结果张榜公布，大家都来看。"


@pytest.mark.parametrize(
    "pager",
    [
        f'{LAST}<a href="417_2.html">2</a> <a href="417_3.html">3</a>',
        f'<p>{LAST}<br>共 3 页 1 <a href="417_2.html">2</a> <a href="417_2.html">下一页</a></p>',
        f'<p>{LAST}</p>1 <a href="417_2.html">2</a> | <a href="417_3.html">3</a>',
        f'<p>{LAST}</p><table><tr><td>1</td><td><a href="417_2.html">2</a></td></tr></table>',
        f'<p>{LAST}<span>[1]</span><a href="417_2.html">[2]</a><a href="417_2.html">下一页</a></p>',
    ],
)
@pytest.mark.parametrize("above", [False, True])
def test_words_of_the_pager_are_no_text(pager, above):
    line = '<p><a href="417.html">[1]</a> <a href="417_2.html">[2]</a></p>' if above else ""
    article = read(markup(line + BODY + pager))
    assert article.parts
    assert article.text == f"{TEXT}\n\n{LAST.strip()}"
    assert "417_" not in article.html


def test_numbers_that_are_no_pager_stay():
    table = "<table><tr><td>班组</td><td>人数</td></tr><tr><td>一班</td><td>2</td></tr></table>"
    article = read(markup(BODY + table + '<p><a href="417_2.html">2</a></p>'))
    assert article.text.endswith("一班\t2")


# Joining.


def page(text, html=None, **told):
    html = html or "".join(f"<p>　　{line}</p>" for line in text.split("\n\n"))
    return Article(URL, told.pop("title", TITLE), text, html, **told)


def test_joined_pages_are_one_article():
    picture = Image("http://a.example/1.jpg", "职工在值守")
    file = Attachment("http://a.example/1.pdf", "名单.pdf")
    first = page(
        "甲段。\n\n乙段。", images=(replace(picture, caption=None),), parts=("u2",), kicker="引题", editors=("高山",)
    )
    second = page("乙段。\n\n丙段。", title=f"{TITLE}(2)", source="蓝田工人报", subtitle="误读", images=(picture,))
    third = page("丁段。", published_at="2024-05-25", published_from="label", editors=("周小满",), attachments=(file,))
    joined = join([first, second, third])
    assert (joined.url, joined.title, joined.kicker, joined.subtitle) == (URL, TITLE, "引题", None)
    assert joined.text == "甲段。\n\n乙段。\n\n丙段。\n\n丁段。"
    assert (joined.source, joined.published_at, joined.published_from) == ("蓝田工人报", "2024-05-25", "label")
    assert joined.editors == ("周小满",)
    assert (joined.images, joined.attachments, joined.parts) == ((picture,), (file,), ())
    assert join([first]).text == first.text


def test_date_of_the_first_page_counts():
    first = page("甲段。", published_at="2024-05", published_from="url")
    assert join([first, page("乙段。", published_at="2024-06", published_from="meta")]).published_from == "url"


def test_nothing_cannot_be_joined():
    with pytest.raises(ValueError, match="no pages to join"):
        join([])


@pytest.mark.parametrize(
    ("before", "after", "indent", "joined"),
    [
        ("区总工会的志愿者把水和毛巾送到了每一个换班的路口，还给", "外地司机留下了联系电话。", "", True),
        ("志愿者送来了水，", "也送来了毛巾。", "", True),
        ("区总工会的志愿者把水和毛巾送到了每一个换班的路口，还给", "外地司机留下了联系电话。", "　　", False),
        ("区总工会的志愿者把水和毛巾送到了每一个换班的路口。", "外地司机留下了联系电话。", "", False),
        ("他说：“我们把水和毛巾送到了每一个换班的路口。”", "外地司机留下了联系电话。", "", False),
        ("三、把服务送到换班的路口", "外地司机留下了联系电话。", "", False),
        ("区总工会的志愿者把水和毛巾送到了每一个换班的路口，还给", "二、联系外地司机", "", False),
    ],
)
def test_paragraph_cut_by_the_page_break_is_one(before, after, indent, joined):
    second = page(f"{after}\n\n第二天又来了12个人。", f"<p>{indent}{after}</p><p>　　第二天又来了12个人。</p>")
    text = join([page(f"开头的一段。\n\n{before}"), second]).text
    seam = "" if joined else "\n\n"
    assert text == f"开头的一段。\n\n{before}{seam}{after}\n\n第二天又来了12个人。"


def test_english_words_stay_apart_at_the_page_break():
    first = page("The union has opened a night line for the women who", "<p>The union</p>")
    second = page("leave the mill after twelve.", "<p>leave the mill after twelve.</p>")
    assert (
        join([first, second]).text == "The union has opened a night line for the women who leave the mill after twelve."
    )


def test_what_every_page_repeats_is_kept_once():
    opening, closing = "核心提示：专线一年接到了4000个电话。", "（本报记者 何以宁）"
    pages = [
        page("\n\n".join((opening, "甲段。", closing)), kicker="引题在此"),
        page("\n\n".join((f"{TITLE}（2）", "引题在此", opening, "乙段。", closing)), title=f"{TITLE}（2）"),
        page("\n\n".join((opening, "丙段。", closing))),
    ]
    assert join(pages).text == "\n\n".join((opening, "甲段。", "乙段。", "丙段。", closing))


def test_page_answered_with_an_earlier_one_adds_nothing():
    pages = [page("甲段。\n\n乙段。"), page("丙段。"), page("甲段。\n\n乙段。"), page("丙段。")]
    assert join(pages).text == "甲段。\n\n乙段。\n\n丙段。"


@pytest.mark.parametrize("above", ["", f"{TITLE}（3）\n\n"])
def test_page_answered_with_one_whose_last_paragraph_goes_on_adds_nothing(above):
    cut = "夜班电车的时刻表贴在厂门口，女工们下班以后围着它看了很久并且"
    first, second = (
        page(f"甲段。\n\n{cut}"),
        page("记下了末班车。\n\n乙段。", html="<p>记下了末班车。</p><p>乙段。</p>"),
    )
    whole = f"甲段。\n\n{cut}记下了末班车。\n\n乙段。"
    assert join([first, second, page(f"{above}{first.text}")]).text == whole
    assert join([first, second, second]).text == whole


def test_whole_text_takes_the_place_of_its_beginning():
    begun = page("甲段说得很完整，没有什么可以补充的了。\n\n乙段说到一半，区总工会的人就")
    whole = page("甲段说得很完整，没有什么可以补充的了。\n\n乙段说到一半，区总工会的人就来了。\n\n丙段。")
    assert join([begun, whole]).text == whole.text
