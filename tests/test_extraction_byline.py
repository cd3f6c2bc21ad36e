"""Bylines: sources, authors, correspondents, editors and datelines, as printed and without their labels."""

from __future__ import annotations

import pytest
from extraction_pages import BODY, TEXT, markup, read

from archive.article import Credit
from crawler.extraction.byline import source_value
from crawler.extraction.labels import read_labels, starts_with_label
from crawler.extraction.names import is_likely_name, is_name, split_names
from crawler.profile import Layout, SiteProfile


def credits(**kwargs):
    article = read(markup(kwargs.pop("body", BODY), **kwargs))
    return article.source, article.authors, article.correspondents, article.editors


@pytest.mark.parametrize(
    ("info", "source"),
    [
        ("来源：蓝田工人报", "蓝田工人报"),
        ("来源:《蓝田工人报》", "《蓝田工人报》"),
        ("来源： 中工网-工人日报", "中工网-工人日报"),
        ("文章来源：<a href='/'>蓝田工会网</a>", "蓝田工会网"),
        ("信息来源：<!--begin-->蓝田区总工会<!--end-->", "蓝田区总工会"),
        ("<span>来源</span><span>：</span><span>蓝田工会网</span>", "蓝田工会网"),
        ("来源:蓝田区总工会发布时间:2024-05-09", "蓝田区总工会"),
        ("//www.lantian.example2024-05-16 07:46:34来源: 蓝田日报", "蓝田日报"),
        ("文章来源:蓝田网作者:周小满时间:2024-05-17 21:45:48浏览量:1661", "蓝田网"),
        ("2024年05月07日09:11  来源：工人日报 分享到：微信", "工人日报"),
        ("来 源 ｜ 蓝田工会网", "蓝田工会网"),
        ("稿源：蓝田工会网　【字体：大 中 小】", "蓝田工会网"),
        ("Source: Lantian Workers' Press  2024-05-06", "Lantian Workers' Press"),
        ("来源： | 发布时间：2024-05-17 | 浏览次数：", None),
        ("来源：", None),
        ("", None),
    ],
)
def test_sources(info, source):
    assert credits(info=info)[0] == source


def test_source_of_a_meta_where_none_is_printed():
    assert credits(head='<meta name="ContentSource" content="来源：蓝田区政府网">')[0] == "蓝田区政府网"
    assert credits(head='<meta name="ContentSource" content="旧名">', info="来源：新名字")[0] == "新名字"


@pytest.mark.parametrize(
    ("end", "editors"),
    [
        ("<p>责任编辑：周小满</p>", ("周小满",)),
        ("<p>（责编：周小满、吴远山）</p>", ("周小满", "吴远山")),
        ("<p>(编辑:周小满)</p>", ("周小满",)),
        ("<p>责任编辑 ： 周 漫</p>", ("周漫",)),
        ("<p>编辑丨周小满</p>", ("周小满",)),
        ("<p>【责任编辑：周小满_NF0417】</p>", ("周小满",)),
        ("<p>编辑 周小满 校对 吴远山</p>", ("周小满",)),
        ("<p>摄影/吴远山 编辑/周小满</p>", ("周小满",)),
        ("<p>编辑:周小满 二审:吴远山 终审:郑可</p>", ("周小满",)),
        ("<p>初审：吴远山　二审：郑可</p>", ()),
        ("<p>审核 | 吴远山</p>", ()),
        ("<p>Editor in charge: Zhou Xiaoman</p>", ("Zhou Xiaoman",)),
        ("<p>责任编辑：</p>", ()),
    ],
)
def test_editors(end, editors):
    article = read(markup(BODY + end))
    assert article.editors == editors
    assert article.text == TEXT


def test_editors_below_the_body_and_on_the_last_paragraph():
    assert credits(after='<div class="edit">责任编辑：<span>周小满</span></div>')[3] == ("周小满",)
    article = read(markup(BODY.replace("接听记录。", "接听记录。（责任编辑：周小满）")))
    assert (article.editors, article.text) == (("周小满",), TEXT)


def roles(**kwargs):
    """The credits of a page as text: `责任编辑 甲、乙；终审 丙`."""
    article = read(markup(kwargs.pop("body", BODY), **kwargs))
    return "；".join(f"{credit.role} {'、'.join(credit.names)}" for credit in article.credits)


@pytest.mark.parametrize(
    ("end", "credits"),
    [
        ("<p>责任编辑：周小满</p>", "责任编辑 周小满"),
        ("<p>（责编：周小满、吴远山）</p>", "责编 周小满、吴远山"),
        ("<p>初审：周小满　二审：吴远山　终审：郑可</p>", "初审 周小满；二审 吴远山；终审 郑可"),
        ("<p>初审：周小满</p><p>复审：吴远山</p><p>签发：郑可</p>", "初审 周小满；复审 吴远山；签发 郑可"),
        ("<p>编 辑 ： 周 漫</p><p>审 核 | 吴远山</p>", "编辑 周漫；审核 吴远山"),
        ("<p>摄影/林述 编辑/周小满 校对/吴远山 终审/郑可</p>", "编辑 周小满；校对 吴远山；终审 郑可"),
        ("<p>编辑丨周小满 校对丨吴远山</p>", "编辑 周小满；校对 吴远山"),
        ("<p>编辑 周小满 校对 吴远山</p>", "编辑 周小满；校对 吴远山"),
        ("<p>责编 周小满 初审 吴远山 郑可 主编 林述</p>", "责编 周小满；初审 吴远山、郑可；主编 林述"),
        ("<p>责任编辑：周小满 校对 吴远山</p>", "责任编辑 周小满；校对 吴远山"),
        ("<p>值班主任：周小满 值班总编辑：吴远山 总监制：郑可</p>", "值班主任 周小满；值班总编辑 吴远山；总监制 郑可"),
        ("<p>責任編輯：周小滿　審核：吳遠山　總編輯：鄭可</p>", "責任編輯 周小滿；審核 吳遠山；總編輯 鄭可"),
        ("<p>Editor in charge: Zhou Xiaoman Reviewer: Li Na</p>", "Editor in charge Zhou Xiaoman；Reviewer Li Na"),
        ("<p>责编：周小满</p><p>校对：吴远山</p><p>责编：周小满</p>", "责编 周小满；校对 吴远山"),
        ("<p>审核：吴远山 浏览次数：1661 发布时间：2024-05-17</p>", "审核 吴远山"),
        ("<p>摄影：吴远山　制图：郑可</p>", ""),
        ("<p>审核：蓝田区总工会</p><p>终审：</p>", ""),
    ],
)
def test_credits_keep_the_role_of_each(end, credits):
    assert roles(body=BODY + end) == credits
    article = read(markup(BODY + end))
    assert article.text == TEXT
    edited = [credit for credit in article.credits if credit.role.startswith(("责", "責", "编辑", "Editor"))]
    assert article.editors == tuple(name for credit in edited for name in credit.names)


def test_credits_stand_in_the_order_printed_wherever_they_stand():
    info = "来源：蓝田工会网 审校：林述 编辑：周小满"
    closing = BODY.replace("接听记录。", "接听记录。（责任编辑：周小满）")
    after = '<div class="edit">二审：吴远山</div>'
    assert roles(info=info) == "审校 林述；编辑 周小满"
    assert roles(body=closing + "<p>校对：郑可</p>", info="编辑：周小满") == "编辑 周小满；责任编辑 周小满；校对 郑可"
    assert roles(info="编辑：周小满", after=after) == "编辑 周小满；二审 吴远山"
    # Other editors below belong to something else, and so do reviewers where the page has named its own.
    other = '<div class="next">编辑：林述 终审：何川</div>'
    assert roles(info="编辑：周小满 终审：郑可", after=after + other) == "编辑 周小满；终审 郑可"


def test_credits_at_the_end_of_the_last_paragraph():
    def closing(text):
        return read(markup(BODY.replace("接听记录。", f"接听记录。{text}")))

    article = closing("（初审：周小满 终审：郑可）")
    assert article.credits == (Credit("初审", ("周小满",)), Credit("终审", ("郑可",)))
    assert (article.text, article.editors) == (TEXT, ())
    assert closing("（责编 周小满 校对 吴远山）").credits == (Credit("责编", ("周小满",)), Credit("校对", ("吴远山",)))
    assert closing("复审：现场进行").text.endswith("复审：现场进行")


@pytest.mark.parametrize(
    ("told", "credits"),
    [("编辑：周小满　校对：吴远山", ("编辑", "校对")), ("编辑 周小满 校对 吴远山", ("编辑", "校对")), ("周小满", ())],
)
def test_credits_of_the_element_that_a_layout_names(told, credits):
    layout = Layout(name="1", body="div.content", title="h1", editor="body > .by")
    host = "www.lantian.example"
    profile = SiteProfile(id="lantian", name="蓝田区总工会", home=f"http://{host}/", hosts=(host,), layouts=(layout,))
    article = read(markup(after="<p>蓝田</p>" * 20 + f'<div class="by">{told}</div>'), profile=profile)
    assert article.editors == ("周小满",)
    assert tuple(credit.role for credit in article.credits) == credits


def test_what_a_court_found_is_no_credit():
    article = read(markup(f"{BODY}<p>一审：判令公司支付加班费2万元。</p><p>二审：驳回上诉，维持原判。</p>"))
    assert article.credits == ()
    assert article.text.endswith("一审：判令公司支付加班费2万元。\n\n二审：驳回上诉，维持原判。")


def test_the_date_beside_a_reviewer_is_not_the_articles():
    assert read(markup(info="审核：吴远山 2024-05-17")).published_at is None


@pytest.mark.parametrize(
    ("info", "authors", "correspondents"),
    [
        ("作者：周小满 吴远山 郑可", ("周小满", "吴远山", "郑可"), ()),
        ("作者：周小满、吴远山", ("周小满", "吴远山"), ()),
        ("作者：记者 周小满 通讯员 吴远山", ("周小满",), ("吴远山",)),
        ("蓝田工人报记者 周小满", ("周小满",), ()),
        ("通讯员：吴远山", (), ("吴远山",)),
        ("文/图 周小满", ("周小满",), ()),
        ("周小满/蓝田工人报", ("周小满",), ()),
        ("Reporter: Zhou Xiaoman, Wu Yuanshan", ("Zhou Xiaoman", "Wu Yuanshan"), ()),
        ("作者：蓝田区总工会", (), ()),
        ("作者：佚名", (), ()),
        ("作者：", (), ()),
    ],
)
def test_authors(info, authors, correspondents):
    assert credits(info=info)[1:3] == (authors, correspondents)


@pytest.mark.parametrize(
    ("head", "dateline", "authors", "correspondents"),
    [
        ("本报蓝田5月24日电（记者 周小满 吴远山）", "本报蓝田5月24日电", ("周小满", "吴远山"), ()),
        ("本报讯 (记者周小满 通讯员吴远山 郑可)", "本报讯", ("周小满",), ("吴远山", "郑可")),
        ("新华社蓝田5月17日电", "新华社蓝田5月17日电", (), ()),
        ("中工网讯（工人日报-中工网记者周小满 通讯员吴远山）", "中工网讯", ("周小满",), ("吴远山",)),
        ("蓝田日报东湖5月2日讯(记者 周小满)", "蓝田日报东湖5月2日讯", ("周小满",), ()),
        ("本站讯（职工通讯员 吴远山）", "本站讯", (), ("吴远山",)),
        ("中新網蓝田1月11日電 (周小满)", "中新網蓝田1月11日電", ("周小满",), ()),
        ("（记者 周小满）", None, ("周小满",), ()),
    ],
)
def test_datelines(head, dateline, authors, correspondents):
    article = read(markup(BODY.replace("5月20日深夜", f"{head}5月20日深夜")))
    assert (article.dateline, article.authors, article.correspondents) == (dateline, authors, correspondents)
    # A dateline is printed text: a revision compares the text, and nothing else would show that it changed.
    assert article.text == TEXT.replace("5月20日深夜", f"{head}5月20日深夜")


@pytest.mark.parametrize(
    "head", ["近日获悉，通讯", "这份报纸的简讯", "据区里的消息", "新华社区的居民说，", "职工网上报名后，快讯"]
)
def test_what_is_no_dateline(head):
    assert read(markup(BODY.replace("5月20日深夜", f"{head}5月20日深夜"))).dateline is None


def test_english_dateline_with_names_run_together():
    body = (
        "<p>Lantian, May 24 (Reporter Lin Shuhe Du Ruoqing) The hotline for night workers rang for the first time"
        " on Monday.</p>"
        "<p>Twelve volunteers take turns on duty, book cars and call doctors for the night shift.</p>"
    )
    article = read(markup(body))
    assert (article.dateline, article.authors) == ("Lantian, May 24", ("Lin Shuhe", "Du Ruoqing"))


@pytest.mark.parametrize(
    ("end", "authors"),
    [
        ("<p>（周小满）</p>", ("周小满",)),
        ("<p>(周小满 吴远山)</p>", ("周小满", "吴远山")),
        ("<p>（周 漫）</p>", ("周漫",)),
        ("<p>（本报评论员 周小满）</p>", ("周小满",)),
        ("<p>（东湖街道总工会）</p>", ()),
        ("<p>（完）</p>", ()),
        ("<p>（有删改）</p>", ()),
    ],
)
def test_signatures(end, authors):
    article = read(markup(BODY + end))
    assert article.authors == authors
    assert article.text.startswith(TEXT)


def test_byline_on_a_line_of_its_own():
    assert credits(body="<p>本报记者 周小满 本报通讯员 吴远山</p>" + BODY)[1:3] == (("周小满",), ("吴远山",))


def test_question_of_an_interviewer_is_no_credit():
    body = BODY + "<p>记者：您怎么看夜班职工的这些难处？</p><p>韩素云：办法总比困难多，关键是有人接电话。</p>"
    article = read(markup(body))
    assert article.authors == ()
    assert "记者：您怎么看" in article.text


def test_author_meta_names_people_only_and_no_editor_twice():
    assert credits(head='<meta name="author" content="周小满">')[1] == ("周小满",)
    assert credits(head='<meta name="author" content="蓝田区总工会">')[1] == ()
    assert credits(head='<meta name="author" content="周小满">', body=BODY + "<p>责编：周小满</p>")[1] == ()
    person = (
        '{"@type":"NewsArticle","author":[{"@type":"Person","name":"周小满"},{"@type":"Organization","name":"吴远山"}]}'
    )
    assert credits(head=f'<script type="application/ld+json">{person}</script>')[1] == ("周小满",)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("周小满 吴远山", ("周小满", "吴远山")),
        ("周小满、吴远山，郑可", ("周小满", "吴远山", "郑可")),
        ("周 漫 吴远山", ("周漫", "吴远山")),
        ("白玛央金 次仁·多吉", ("白玛央金", "次仁·多吉")),
        ("周小满周小满吴远山郑可", ()),
        ("《蓝田工人报》记者 周小满", ("周小满",)),
        ("Li Na and Wu Yuanshan", ("Li Na", "Wu Yuanshan")),
        ("Lin Shuhe Du Ruoqing", ("Lin Shuhe", "Du Ruoqing")),
        ("Anna Maria van Berg", ("Anna Maria van Berg",)),
        ("新华社 蓝田日报", ()),
    ],
)
def test_lists_of_names(printed, names):
    assert split_names(printed) == names


def test_names_and_offices():
    assert is_likely_name("周小满")
    assert is_likely_name("欧阳静")
    assert not is_likely_name("东湖州总工会")
    assert not is_likely_name("完")
    assert not is_name("宣传部")


def test_labels_split_glued_small_print():
    labels = read_labels(["来源:蓝田区总工会发布时间:2025-09-09", "信 息 | 周漫 责 任 编 辑：王宁"])
    assert [(label.kind, label.value.strip(), label.line) for label in labels] == [
        ("source", "蓝田区总工会", 0),
        ("date", "2025-09-09", 0),
        ("other", "周漫", 1),
        ("editor", "王宁", 1),
    ]


def test_prose_has_no_labels():
    assert not starts_with_label("会上，作者介绍了写作经过，来源于车间的故事最打动人。")
    assert source_value(" | ") is None


@pytest.mark.parametrize(
    ("head", "dateline", "authors"),
    [
        ("（青禾社記者溫述禾台北21日電）", "青禾社記者溫述禾台北21日電", ("溫述禾",)),
        ("〔記者杜若清／台中報導〕", "記者杜若清／台中報導", ("杜若清",)),
        ("【青禾新聞記者林述、杜若清高雄綜合報導】", "青禾新聞記者林述、杜若清高雄綜合報導", ("林述", "杜若清")),
    ],
)
def test_datelines_of_taiwan(head, dateline, authors):
    article = read(markup(f"<p>{head}{BODY[5:]}"))
    assert (article.dateline, article.authors) == (dateline, authors)
    assert article.text.startswith(head)


def test_agency_before_its_reporters_is_no_name():
    article = read(markup(BODY + "<p>采写：青禾记者 林述禾 杜若清</p>"))
    assert article.authors == ("林述禾", "杜若清")


def test_editor_with_her_newsroom_in_the_author_meta_is_no_author():
    head = '<meta name="author" content="青禾校园郁文舒">'
    assert read(markup(BODY + "<p>责任编辑：郁文舒</p>", head=head)).authors == ()


STRIKE = (
    "<p>Ferry crews in the harbour of Northwick walked out on Tuesday over a roster that leaves them little sleep.</p>"
    "<p>The company said it would talk, but only once the boats were moving again, which the crews refused.</p>"
)


def authors(*, head: str = "", above: str = "", site: str = "The Northwick Beacon") -> tuple[str, ...]:
    html = (
        f'<html><head><title>Crews walk out</title><meta property="og:site_name" content="{site}">{head}</head>'
        f"<body><h1>Ferry crews walk out over sleep</h1>{above}<div>{STRIKE}</div></body></html>"
    )
    return read(html).authors


def person(*people: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "author": [{", ".join(people)}]}}</script>'


@pytest.mark.parametrize(
    ("people", "names"),
    [
        (('{"@type": "Person", "givenName": "Ann", "familyName": "Sailor"}',), ("Ann Sailor",)),
        (('{"@type": "Person", "name": "ann sailor"}',), ("ann sailor",)),
        (('{"@type": "Person", "name": "Анна Морякова"}',), ("Анна Морякова",)),
        (('{"@type": "Person", "name": "海野 航太"}',), ("海野 航太",)),
        (('{"@type": "Person", "name": "Ann Sailor og Per Pier"}',), ("Ann Sailor", "Per Pier")),
        (('{"@type": "Person", "name": "The Northwick Beacon"}',), ()),
        (('{"@type": "Person", "name": "NWB"}',), ()),
        (('{"@type": "NewsMediaOrganization", "name": "Ann Sailor"}',), ()),
    ],
)
def test_people_of_linked_data(people, names):
    assert authors(head=person(*people)) == names


@pytest.mark.parametrize(
    ("above", "names"),
    [
        ("<p>By Ann Sailor and Per Pier</p>", ("Ann Sailor", "Per Pier")),
        ("<p>Von: Ann Sailor, dpa</p>", ("Ann Sailor",)),
        ("<p>Written at night</p><a rel='author' href='/ann'>Ann Sailor</a>", ("Ann Sailor",)),
        ("<span class='article-author__name'>Ann Sailor</span>", ("Ann Sailor",)),
        ("<address>Par Ann Sailor et Per Pier</address>", ("Ann Sailor", "Per Pier")),
        ("<div class='author-bio'>Ann Sailor</div>", ()),
        ("<p>By the harbour, nobody slept</p>", ()),
    ],
)
def test_printed_and_marked_authors_of_western_pages(above, names):
    assert authors(above=above) == names


@pytest.mark.parametrize(
    ("value", "names"),
    [("Ann Sailor", ("Ann Sailor",)), ("lantian.example, Northwick, Island", ()), ("lantian", ()), ("AFP", ())],
)
def test_author_meta_that_names_the_site_names_nobody(value, names):
    assert authors(head=f'<meta name="author" content="{value}">') == names


@pytest.mark.parametrize(
    ("said", "authors", "correspondents"),
    [
        ("本报记者 江晚舟 通讯员 米禾", ("江晚舟",), ("米禾",)),
        ("通讯员 米禾", (), ("米禾",)),
        ("江晚舟 米禾", ("江晚舟", "米禾"), ()),
        ("记者 江晚舟", ("江晚舟",), ()),
    ],
)
def test_a_layouts_author_is_read_by_its_roles(said, authors, correspondents):
    layout = Layout(name="1", body="div.content", title="h1", author=".by")
    host = "gh.example"
    profile = SiteProfile(id="gh", name="某区总工会", home=f"http://{host}/", hosts=(host,), layouts=(layout,))
    article = read(markup(f'<p class="by">{said}</p>' + BODY), profile=profile)
    assert (article.authors, article.correspondents) == (authors, correspondents)
