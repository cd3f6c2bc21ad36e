"""The body is found by what its text weighs, and cleaned of what is not the article."""

from __future__ import annotations

from dataclasses import replace

import pytest
from extraction_pages import BODY, MENU, TEXT, TITLE, URL, markup, read

from archive.article import Article, Attachment, Credit, Image
from crawler.extraction import ExtractionError, join
from crawler.profile import Expect, Layout, SiteProfile

PARAGRAPHS = TEXT.split("\n\n")
LINKS = "".join(f'<li><a href="/news_2/{n}.html">职工书画展在文化宫开展第{n}期</a></li>' for n in range(300, 312))


def profile(**values) -> SiteProfile:
    return SiteProfile(
        id="lantian", name="蓝田区总工会", home="http://www.lantian.example/", hosts=("www.lantian.example",), **values
    )


def test_text_is_the_paragraphs_and_nothing_around_them():
    article = read(markup(info="来源：蓝田区总工会 2024-05-21", after=f"<ul>{LINKS}</ul>"))
    assert article.text == TEXT
    assert article.layout == "generic"


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        "<br><br>".join(f"　　{p}" for p in PARAGRAPHS),
        "<br>".join(f"　　{p}" for p in PARAGRAPHS),
        "".join(f"<div>{p}</div>" for p in PARAGRAPHS),
        "".join(f"<p><span><font size=2>{p}</font></span></p>" for p in PARAGRAPHS),
        f"<table><tr><td>{'<br><br>'.join(PARAGRAPHS)}</td></tr></table>",
        "<form name='_newscontent_fromname'>" + BODY + "</form>",
        BODY + BODY,
    ],
    ids=["p", "br br", "br indent", "div", "inline", "layout table", "form", "twice"],
)
def test_text_is_the_same_in_every_markup(body):
    assert read(markup(body)).text == TEXT


def test_text_straight_in_a_cell_of_an_old_layout_is_found():
    html = (
        f"<html><head><title>{TITLE}-蓝田区总工会</title></head><body><table><tr><td>{MENU}</td></tr></table>"
        f'<table><tr><td width="180"><a href="/a">学习园地</a><br><a href="/b">政策法规</a></td>'
        f"<td><b>{TITLE}</b><br>2024-05-21<br>　　{'<br>　　'.join(PARAGRAPHS)}</td></tr></table></body></html>"
    )
    assert read(html).text == TEXT


def test_neither_comments_nor_abstracts_outweigh_the_article():
    comments = "".join(
        f"<p>网友{n}：说得真好，希望我们街道也能早一点开通这样的专线，大家都盼着呢。</p>" for n in range(40)
    )
    article = read(markup(after=f'<div class="comment-list">{comments}</div>'))
    assert article.text == TEXT


@pytest.mark.parametrize(
    "junk",
    [
        '<div class="bdsharebuttonbox">分享到：<a href="#">微信</a></div>',
        "<p>上一篇：区总工会走访企业</p><p>下一篇：没有了</p>",
        "<p>【打印本页】【关闭窗口】</p>",
        "<p>[保存] [全文浏览] [打印] [关闭] [我要留言] [推荐朋友] [返回首页]</p>",
        "<p>浏览次数：874</p>",
        "<p>扫一扫在手机打开当前页</p>",
        "<p>免责声明：本文仅代表作者个人观点，与本站无关，请读者仅作参考。</p>",
        "<p>Copyright © 2008-2024 by lantian.example. all rights reserved</p>",
        "<p>违法和不良信息举报电话：010-00000000</p>",
        f"<h3>相关阅读</h3><ul>{LINKS}</ul>",
        "<p>延伸阅读：</p><p><a href='/news_2/9.html'>这是另外一篇报道的标题而已</a></p>",
        "<script>document.write('点击数')</script><style>.a{color:red}</style><noscript>请启用脚本</noscript>",
        "<p>图片</p>",
        "<p>×</p>",
        "<p>字体：大 中 小</p>",
        '<div style="display:none">这里是隐藏的一句话，不应当出现在正文里。</div>',
        "<!-- 编辑的批注，不应当出现在正文里。 -->",
    ],
)
def test_what_is_not_the_article_is_dropped(junk):
    assert read(markup(BODY + junk)).text == TEXT


LEAD = "去年冬天以来，全区已有三百多名夜班职工通过专线平安到家，最远的一位住在城外的山村。"
MORE = "<p>　　接线员说，最忙的是大雪那一夜，十二部电话没有停过，直到天亮才换班。</p>"


def test_the_lead_above_the_body_is_its_first_paragraph():
    html = markup(f'<p class="summary">{LEAD}</p><div id="text">{BODY}</div><div class="tools">打印 关闭</div>')
    assert read(html.replace('<div class="content">', "<div>")).text == f"{LEAD}\n\n{TEXT}"


def test_two_pieces_of_one_body_are_one_text():
    gallery = f'<div class="gallery"><ul>{LINKS}</ul></div>'
    html = markup(f'<div id="endText">{BODY}</div>{gallery}<div id="endText">{MORE}</div>')
    assert read(html).text == f"{TEXT}\n\n{MORE[5:-4]}"


def test_teasers_beside_the_body_are_no_part_of_it():
    teasers = "".join(f'<li><a href="/{n}.html">专线开通第{n}天</a><p>{LEAD}</p></li>' for n in range(6))
    assert read(markup(after=f"<ul>{teasers}</ul>")).text == TEXT


def test_comments_named_like_a_text_are_comments():
    comments = "".join(f'<div class="post-text">{n}楼：{LEAD}</div>' for n in range(30))
    article = read(markup(after=f'<div class="comment-box"><div class="comment-text">{comments}</div></div>'))
    assert article.text == TEXT


@pytest.mark.parametrize("opened", ['<a name="top">', "<a>"])
def test_an_anchor_that_is_left_open_is_no_link(opened):
    assert read(markup(opened + BODY)).text == TEXT


def test_a_text_that_is_one_link_to_its_other_edition():
    html = markup(f'<a href="/text/417.html">{"<br><br>".join(PARAGRAPHS)}</a>')
    assert read(html).text == TEXT


def test_a_text_without_stops_is_read():
    verses = ["夜班的灯光照亮回家的路 一盏接着一盏", "纺织女工把围巾系得很紧 走过三个街口", "专线那头的声音轻轻地说 别怕我们在听"] * 4
    verses = [f"{verse} 第{number}节" for number, verse in enumerate(verses)]
    assert read(markup("".join(f"<p>{verse}</p>" for verse in verses))).text == "\n\n".join(verses)


def test_a_title_meta_that_repeats_a_short_article_hides_nothing():
    text = "".join(PARAGRAPHS)
    html = markup(f"<p>{text}</p>", head=f'<meta property="og:title" content="{text}">')
    article = read(html)
    assert (article.title, article.text) == (TITLE, text)


def test_captions_that_tell_the_story_are_its_text():
    story = "5月20日，蓝田区的暖心专线迎来第一批志愿者。图为她们在练习接听电话。（谷雨生 摄）"
    article = read(markup(f'<p><img src="/a.jpg"></p><p style="text-align:center">{story}</p>'))
    assert article.text == story
    assert article.images == (Image("http://www.lantian.example/a.jpg", story),)


def test_a_heading_like_related_reading_in_mid_article_cuts_nothing():
    own = "<h3>相关链接</h3>" + "".join(
        f"<p>第{n}条规定，用人单位应当保障夜班职工的休息时间，并提供热食。</p>" for n in "一二三四五六"
    )
    assert "第六条规定" in read(markup(BODY + own)).text


def test_headline_and_small_print_inside_the_body_are_not_text():
    print_above = "<p>来源：蓝田区总工会　发布时间：2024-05-21 08:30　浏览次数：12</p>"
    inside = f"<h2>{TITLE}</h2>{print_above}{BODY}<p>责任编辑：周小满</p>"
    article = read(markup(inside, heading=""))
    assert article.text == TEXT
    assert article.source == "蓝田区总工会"
    assert article.editors == ("周小满",)


def test_rows_of_a_table_keep_their_cells():
    table = "<table><tr><th>街道</th><th>志愿者</th></tr><tr><td>东湖</td><td>7</td></tr></table>"
    assert "街道\t志愿者\n\n东湖\t7" in read(markup(BODY + table)).text


def test_single_line_breaks_stay_within_a_paragraph():
    poem = "<p>灯火照着纱锭<br>纱锭转着春天<br>一直转到天明</p>"
    assert "灯火照着纱锭\n纱锭转着春天\n一直转到天明" in read(markup(BODY + poem)).text


def test_blanks_between_inline_elements_stay():
    body = "<p><span>The federation</span> <b>opened</b>\n<i>a hotline</i> for night workers, who called at once.</p>"
    assert read(markup(body)).text == "The federation opened a hotline for night workers, who called at once."


def test_html_is_sanitised_and_absolute():
    body = (
        BODY.replace("<p>", '<p onclick="steal()" style="color:red">', 1)
        + '<p>详见<a href="../doc/plan.html">工作方案</a>，联系<a href="javascript:alert(1)">管理员</a>，'
        + "标签写作 &lt;b&gt; 。</p>"
        + "<script>steal()</script><iframe src='http://x.example/'></iframe>"
    )
    html = read(markup(body)).html
    assert 'href="http://www.lantian.example/doc/plan.html"' in html
    for unsafe in ("onclick", "style=", "javascript:", "<script", "<iframe", "steal"):
        assert unsafe not in html
    assert "&lt;b&gt;" in html
    assert html.count("<p>") == 4


def test_base_element_moves_relative_links():
    html = markup(BODY + '<p>附件见<a href="plan.html">此处</a>的说明。</p>', head='<base href="/files/2024/">')
    assert "http://www.lantian.example/files/2024/plan.html" in read(html).html


def test_profile_layout_reads_the_page_and_names_itself():
    layouts = (
        Layout(name="1", body="div.absent"),
        Layout(
            name="2", body="div.content", title="div.t", date="div.d", source="div.s", editor="div.e", remove=(".x",)
        ),
    )
    info = (
        '<div class="t">夜班专线开通</div><div class="d">2024年5月21日 09:10</div>'
        '<div class="s">蓝田工人报</div><div class="e">周小满</div>'
    )
    article = read(
        markup(BODY + '<p class="x">本段由系统插入，与正文无关，请删除它。</p>', info=info),
        profile=profile(layouts=layouts),
    )
    assert article.layout == "2"
    assert (article.site, article.title, article.source, article.editors) == (
        "lantian",
        "夜班专线开通",
        "蓝田工人报",
        ("周小满",),
    )
    assert (article.published_at, article.published_from) == ("2024-05-21T09:10:00+08:00", "label")
    assert article.text == TEXT


def test_layout_may_read_what_it_removes():
    info = '<div class="line"><span class="d">2024-05-21</span><span class="s">蓝田工人报</span></div>'
    layout = Layout(name="1", body="div.content", date=".line .d", source=".line .s", remove=(".line",))
    article = read(markup(info + BODY), profile=profile(layouts=(layout,)))
    assert (article.published_at, article.source, article.text) == ("2024-05-21", "蓝田工人报", TEXT)


def test_layout_whose_body_is_empty_gives_way_to_the_generic_finder():
    layouts = (Layout(name="1", body="div.info"),)
    article = read(markup(), profile=profile(layouts=layouts))
    assert (article.layout, article.text) == ("generic", TEXT)


def test_required_fields_of_a_profile_are_required():
    strict = profile(expect=Expect(required=("source",)))
    assert read(markup(info="来源：蓝田工人报"), profile=strict).source == "蓝田工人报"
    with pytest.raises(ExtractionError, match=r"417\.html: missing source.*lantian\.toml"):
        read(markup(), profile=strict)


@pytest.mark.parametrize(
    ("trail", "section"),
    [
        ('当前位置：<a href="/">首页</a>&gt;&gt;<a href="/news_2/">热点聚焦</a>', "热点聚焦"),
        (
            '您的位置：<a href="/">首页</a> &gt; <a href="/x/">工会动态</a> &gt; <a href="/y/">基层工会</a> &gt; 正文',
            "基层工会",
        ),
        ('Current location: <a href="/">home page</a> &gt;&gt; <a href="/x/">Hot Spots</a>', "Hot Spots"),
        (f"当前位置：首页 / 图片新闻 / {TITLE}", "图片新闻"),
        ("", None),
    ],
)
def test_section_is_what_the_breadcrumb_names(trail, section):
    html = markup(heading=f'<div class="bread">{trail}</div><h1>{TITLE}</h1>')
    assert read(html).section == section


def test_section_of_the_meta_where_no_breadcrumb_is():
    assert read(markup(head='<meta name="columnName" content="通知公告">')).section == "通知公告"


# Articles of several pages.


def test_hidden_counter_names_the_further_pages():
    html = markup(BODY + '<input type="hidden" name="__totalpage" value="3">')
    url = "http://www.lantian.example/816/201810/16/181016072556698.shtml"
    stem = url.removesuffix(".shtml")
    assert read(html, url=url).parts == (f"{stem}_2.shtml", f"{stem}_3.shtml")


def test_links_to_numbered_pages_name_the_further_pages():
    pager = '<center><a href="417.html">1</a> <a href="417_2.html">2</a> <a href="417_3.html">[3]</a></center>'
    assert read(markup(BODY + pager)).parts == (
        "http://www.lantian.example/news_2/417_2.html",
        "http://www.lantian.example/news_2/417_3.html",
    )


@pytest.mark.parametrize(
    "pager", ['<a href="417_3.html">3</a>', '<a href="418_2.html">2</a>', '<a href="417_2.html">图解</a>']
)
def test_other_links_are_no_further_pages(pager):
    assert read(markup(BODY + pager)).parts == ()


def test_counter_of_a_thousand_pages_is_not_believed():
    assert read(markup(BODY + '<input type="hidden" name="__totalpage" value="1000">')).parts == ()


def test_joined_pages_are_one_article():
    picture = Image("http://a.example/1.jpg", "职工在值守")
    file = Attachment("http://a.example/1.pdf", "名单.pdf")
    first = Article(
        URL, TITLE, "甲段。\n\n乙段。", "<p>甲段。</p>", source="蓝田工人报", images=(picture,), parts=("u2",)
    )
    first = replace(first, credits=(Credit("审核", ("郑可",)), Credit("校对", ("吴远山",))))
    second = Article(
        "u2",
        f"{TITLE}(2)",
        "乙段。\n\n丙段。",
        "<p>丙段。</p>",
        editors=("周小满",),
        credits=(Credit("责编", ("周小满",)), Credit("校对", ("吴远山",))),
        images=(picture,),
        attachments=(file,),
    )
    joined = join([first, second])
    assert (joined.url, joined.title, joined.source) == (URL, TITLE, "蓝田工人报")
    assert joined.text == "甲段。\n\n乙段。\n\n丙段。"
    assert joined.editors == ("周小满",)
    assert [credit.role for credit in joined.credits] == ["审核", "校对", "责编"]
    assert (joined.images, joined.attachments, joined.parts) == ((picture,), (file,), ())
    assert join([first]).text == first.text


def test_nothing_cannot_be_joined():
    with pytest.raises(ValueError, match="no pages to join"):
        join([])
