"""The page of an article: what it shows and says, in which language, what it said before, and what is never live."""

import asyncio
import html
import re

import pytest
from filled import Filler, article, rows, version_1
from selectolax.lexbor import LexborHTMLParser

from archive import citing
from archive.article import Attachment, Credit, Image, uid
from archive.directory import ArchiveDirectory
from archive.export import export
from archive.web import body
from archive.web.serve import application
from crawler.extraction import clean

HOST = "http://chengnan.example.org"
PNG = b"\x89PNG\r\n\x1a\n invented picture"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
TEXT = "本报城南2月3日电 学员来自十二家企业，课程为期五天。\n\n小标题\n\n课程免费。"
HTML = (
    "<h3>小标题</h3><p>本报城南2月3日电 学员来自十二家企业，课程为期五天。</p>"
    f'<p><img src="{HOST}/held.png" alt="开班仪式"></p><h5>再小一级</h5><p>课程免费。</p>'
    f'<p><img src="{HOST}/lost.jpg" alt="合影"></p><table><tr><td colspan="2">表格</td></tr></table>'
    '<p><a href="http://other.example.org/">相关通知</a></p>'
)
RICH = {
    "title": "第3期技能培训班开班",
    "kicker": "技能强国",
    "subtitle": "十二家企业参加",
    "text": TEXT,
    "html": HTML,
    "authors": ("李晓", "王大山"),
    "correspondents": ("陶禾",),
    "editors": ("王五",),
    "credits": (Credit("责任编辑", ("王五",)), Credit("终审", ("赵六",))),
    "published_at": "2025-02-03T09:30:00+08:00",
    "images": (Image(f"{HOST}/held.png", "开班仪式"), Image(f"{HOST}/lost.jpg"), Image(f"{HOST}/other.jpg", "会场")),
    "attachments": (Attachment(f"{HOST}/b.pdf", "报名表"), Attachment(f"{HOST}/c.svg", "路线图")),
}
LATER = {
    **RICH,
    "title": "第3期技能培训班延期",
    "text": TEXT.replace("五天", "六天"),
    "html": HTML.replace("五天", "六天"),
}

TRANSLATED = {"authors": ("Ann Lee", "Bo Chen"), "translation_of": article(3).url}

#: Bodies that try to run, fetch or change something; as words they are titles, names, captions and addresses too.
HOSTILE = {
    "script": "<p>正文</p><script>alert(1)</script>",
    "handler": '<p onclick="alert(1)" onload=alert(2)>正文</p><img src=x onerror=alert(3)>',
    "javascript": '<a href="javascript:alert(1)">一</a><a href=" jAvascript&#58;alert(1)">二</a>',
    "data": '<a href="data:text/html,x">三</a><img src="data:image/svg+xml,x">',
    "relative": '<a href="/-/logout">一</a><a href="//evil.example.org/">二</a><img src="/-/static/x.png">',
    "svg": "<svg><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>正文",
    "math": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></math>正文",
    "style": '<style>body{background:url(http://evil.example.org/)}</style><p style="position:fixed">正文</p>',
    "refresh": '<meta http-equiv="refresh" content="0;url=http://evil.example.org/"><base href="http://evil.example.org/">',
    "frame": '<iframe src="http://evil.example.org/"></iframe><object data="x"></object><embed src="x">',
    "form": '<form action="http://evil.example.org/"><input name="q"><button>送</button></form>',
    "template": "<p>{{ 7*7 }} {% raw %} {{ config }} {}</p>",
    "broken": '<p><b><i>正文</b><table><p>"><script>alert(1)</script',
    "comment": "<!--><script>alert(1)</script>--><p>正文</p><![CDATA[<script>alert(1)</script>]]>",
    "noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">正文</noscript>',
    "value": '<img alt="><script>alert(1)</script>" src="http://chengnan.example.org/&quot;onerror=alert(1)">正文',
    "close": "</div></article></main></body></html><script>alert(1)</script>正文",
    "bidi": "<p>\u202e文正\u202c \u2066正文</p>",
    "id": '<p id="content" class="notice" name="x">正文</p><a id="site-search" name="q">x</a>',
}


def image(path: str, kind: str, content: bytes) -> tuple[str, bytes]:
    return f"{HOST}/{path}", f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + content


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> ArchiveDirectory:
    filler = Filler(tmp_path_factory.mktemp("article"))
    filler.directory.config_file.write_text('name = "运河档案"', encoding="utf-8")
    files = [("held.png", "image/png", PNG), ("b.pdf", "application/pdf", b"%PDF-1.4"), ("c.svg", "image/svg+xml", SVG)]
    for path, kind, content in files:
        capture = filler.capture(*image(path, kind, content), site="chengnan")
        filler.db.execute("UPDATE captures SET content_type = ? WHERE id = ?", [kind, capture])
    filler.page(article(3, **RICH))
    filler.page(article(3, **LATER))
    for number, said in enumerate(("meta", "label", "url", "listing", "body"), start=10):
        filler.page(article(number, published_from=said))
    filler.page(article(20, published_at=None, published_from=None, section=None))
    filler.page(article(21, site="yunhe", language="en", title="Spring meeting held", **TRANSLATED))
    filler.db.execute("UPDATE articles SET withdrawn_at = '2025-03-02T01:00:00Z', damaged = 1 WHERE site = 'yunhe'")
    filler.db.execute("INSERT INTO aliases VALUES ('http://m.chengnan.example.org/3', ?)", [uid(article(3).url)])
    for number, (name, markup) in enumerate(HOSTILE.items(), start=100):
        filler.page(hostile(number, name, markup))
    return filler.close()


def hostile(number: int, name: str, markup: str):
    words = f"{name} \u202e{markup}"
    return article(
        number,
        title=words,
        kicker=words,
        section=words,
        source=words,
        html=markup,
        text=body._folded(html.unescape(re.sub(r"<[^>]*>", "", body._CLEANER.clean(markup)))) or "正文",
        language='zh" onload="alert(1)',
        authors=(words,),
        credits=(Credit(words, (words,)),),
        translation_of=f"javascript:alert(1)//{markup}",
        images=(Image(f"javascript:{markup}", words), Image(f"{HOST}/held.png", words)),
        attachments=(Attachment(f"{HOST}/{markup}", words),),
    )


@pytest.fixture(scope="module")
def get(directory):
    with asyncio.Runner() as runner:
        datasette = application(directory)
        yield lambda path, **headers: runner.run(datasette.client.get(path, headers=headers))


def at(number: int, site: str = "chengnan") -> str:
    return f"/article/{uid(article(number, site=site).url)}"


def words(page: str) -> str:
    return " ".join(LexborHTMLParser(page).body.text(separator=" ").split())


def test_an_article_shows_what_its_page_said(get):
    answer = get(at(3))
    page = LexborHTMLParser(answer.text)
    assert answer.status_code == 200
    assert page.css_first("html").attributes["lang"] == "zh-Hans"
    assert page.css_first("article").attributes["lang"] == "zh-Hans"
    assert [node.text() for node in page.css("h1")] == ["第3期技能培训班延期"]
    assert page.css_first(".kicker").text() == "技能强国"
    assert page.css_first(".subtitle").text() == "十二家企业参加"
    line = " ".join(page.css_first(".byline").text(separator=" ").split())
    for part in (
        "发布 2025-02-03 09:30 取自标题旁的标注",
        "来源 运河工人报",
        "作者 李晓、王大山",
        "通讯员 陶禾",
        "终审 赵六",
    ):
        assert part in line
    assert line.count("王五") == 1
    links = {node.attributes["href"]: node.text() for node in page.css(".byline a")}
    assert links["/sites/chengnan"] == "城南区总工会"
    assert links["/search?site=chengnan&section=%E5%B7%A5%E4%BC%9A%E8%A6%81%E9%97%BB"] == "工会要闻"
    assert links[article(3).url] == article(3).url


def test_names_are_joined_as_their_language_does(get):
    line = LexborHTMLParser(get(at(21, "yunhe")).text).css_first(".byline").text(separator=" ")
    assert "Ann Lee, Bo Chen" in line


def test_headings_of_the_body_come_below_the_pages_own_and_in_order(get):
    page = LexborHTMLParser(get(at(3)).text)
    levels = [node.tag for node in page.css_first(".body").css("h1, h2, h3, h4, h5, h6")]
    assert levels == ["h2", "h3"]
    assert page.css_first(".wide > table td").attributes == {"colspan": "2"}


@pytest.mark.parametrize(
    ("number", "words_"),
    [*enumerate(("取自网页元数据", "取自标题旁的标注", "取自网址", "取自栏目列表", "取自正文的电头或落款"), start=10)],
)
def test_a_date_says_where_it_was_read(get, number, words_):
    assert words_ in get(at(number)).text


def test_an_unknown_date_is_said_plainly(get):
    page = get(at(20)).text
    assert "日期不详：原页面没有写明" in page
    assert "取自" not in page
    assert "栏目" not in words(page)


def test_a_page_speaks_one_language_and_keeps_it_in_its_links(get):
    chinese, english = get(at(21, "yunhe")).text, get(at(21, "yunhe") + "?lang=en").text
    assert "原网站已撤下此文" in chinese
    assert "The site has withdrawn" not in chinese
    assert "The site has withdrawn this page (found on" in english
    assert "撤下" not in english
    assert "The page itself has lost characters." in english
    assert 'href="/sites/yunhe?lang=en"' in english
    assert "How to cite" in get(at(21, "yunhe"), **{"accept-language": "en"}).text


def test_a_translation_leads_to_its_original_in_the_archive(get):
    page = get(at(21, "yunhe")).text
    assert f'本页是译文，原文：<bdi><a href="{at(3)}">{article(3).url}</a></bdi>' in page


def test_html_that_lacks_a_part_of_the_text_gives_way_to_the_text(get):
    page = LexborHTMLParser(get(at(10)).text).css_first(".body")
    assert [node.text() for node in page.css("p")] == article(10).text.split("\n\n")


def test_pictures_and_files_come_from_the_archive_or_are_named_as_missing(get):
    page = LexborHTMLParser(get(at(3)).text)
    (picture,) = page.css("img")
    assert re.fullmatch(rf"/held/{at(3)[9:]}/\d+", picture.attributes["src"])
    assert picture.attributes["alt"] == "开班仪式"
    unheld = [" ".join(node.text().split()) for node in page.css(".unheld")]
    assert unheld == ["合影 未存档 原址", "会场 未存档 原址"]
    # The one that the body does not show comes after it.
    assert page.css_first("figure .unheld") is not None
    files = {node.text(): node.attributes["href"] for node in page.css("article ul a")}
    assert re.fullmatch(rf"/held/{at(3)[9:]}/\d+", files["报名表"])
    assert get(picture.attributes["src"]).content == PNG
    assert get(files["报名表"]).content == b"%PDF-1.4"


def test_a_picture_is_found_by_its_digest_when_its_address_is_another(tmp_path):
    filler = Filler(tmp_path)
    capture = filler.capture(*image("new-place.png", "image/png", PNG), site="yunhe")
    filler.db.execute("UPDATE captures SET content_type = 'image/png'")
    digest = filler.db.execute("SELECT digest FROM captures").fetchone()[0]
    filler.page(article(1, images=(Image(f"{HOST}/old.png", "旧址", digest), Image(f"{HOST}/no.png"))))
    page = asyncio.run(application(filler.close()).client.get(at(1))).text
    assert re.findall(r'<img src="([^"]*)" alt="旧址"', page) == [f"/held/{at(1)[9:]}/{capture}"]


def test_an_article_as_json_is_the_object_of_an_export(get, directory):
    db = directory.read_database()
    wanted = {one["uid"]: one for one in export(db, revisions=True)}[at(3)[9:]]
    db.close()
    with_revisions = get(at(3) + ".json?revisions=1")
    assert with_revisions.json() == wanted
    assert list(with_revisions.json()) == list(wanted)
    assert with_revisions.headers["content-type"] == "application/json; charset=utf-8"
    assert len(wanted.pop("revisions")) == 2
    assert wanted.pop("withdrawals") == []
    assert get(at(3) + ".json").json() == wanted


def test_citations_stand_on_the_page_and_can_be_taken_home(get):
    said = get(at(3) + ".json").json()
    cited = citing.Cited("运河档案", "城南区总工会", None, f"http://localhost{at(3)}")
    page = LexborHTMLParser(get(at(3)).text)
    shown = [node.text() for node in page.css("pre.citation")]
    formats = {"bib": citing.bibtex, "ris": citing.ris, "csl.json": citing.csl_json}
    texts = [
        citing.gbt7714(said, cited),
        citing.gbt7714(said, cited, 2015),
        *(f(said, cited) for f in formats.values()),
    ]
    assert [text.split() for text in shown] == [text.split() for text in texts]
    for ending, write in formats.items():
        answer = get(f"{at(3)}.{ending}")
        assert answer.content.decode() == write(said, cited)
        assert answer.headers["content-disposition"] == f'attachment; filename="{at(3)[9:]}.{ending}"'


def test_reference_managers_find_what_they_need_in_the_head(get):
    page = LexborHTMLParser(get(at(3)).text)
    tags = [(node.attributes["name"], node.attributes["content"]) for node in page.css("meta[name]")]
    for tag in (
        ("citation_title", "第3期技能培训班延期"),
        ("citation_author", "李晓"),
        ("citation_author", "陶禾"),
        ("citation_publication_date", "2025/02/03"),
        ("DC.identifier", article(3).url),
        ("DC.publisher", "运河工人报"),
    ):
        assert tag in tags
    assert page.css_first("link[rel=canonical]").attributes["href"] == f"http://localhost{at(3)}"
    assert "citation_publication_date" not in get(at(20)).text


def test_what_the_page_said_before_is_shown_cited_and_said_to_be_earlier(get, directory):
    page = get(at(3) + "?revision=1").text
    first, second = rows(directory, f"SELECT sha256 FROM revisions WHERE uid = '{at(3)[9:]}' ORDER BY revision")
    assert '<h1 dir="auto">第3期技能培训班开班</h1>' in page
    assert "为期五天" in page
    assert "延期" not in page
    assert "这是第 1 版" in page
    assert first["sha256"] in page
    assert second["sha256"] not in page
    assert f"http://localhost{at(3)}?revision=1" in LexborHTMLParser(page).css_first("pre.citation").text()
    assert f'<link rel="canonical" href="http://localhost{at(3)}">' in page
    assert "为期六天" in get(at(3) + "?revision=2").text
    assert "第 2 版" in get(at(3)).text


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("?revision=3", 404, "revision：3 不是版本号；请用 1 至 2。"),
        ("?revision=0", 404, "revision：0 不是版本号"),
        ("?revision=x", 404, "revision：x 不是版本号"),
        ("?revision=99999999999999999999999", 404, "不是版本号"),
        (".xml", 404, "请核对编号"),
        ("/nowhere", 404, "请核对编号"),
    ],
)
def test_what_is_not_there_is_answered_in_a_sentence(get, path, status, sentence):
    answer = get(at(3) + path)
    assert answer.status_code == status
    assert sentence in answer.text


def test_an_article_of_one_revision_has_no_second(get):
    assert "此文只有第 1 版" in get(at(10) + "?revision=2").text


@pytest.mark.parametrize(
    "address",
    [
        article(3).url,
        article(3).url.replace("http:", "https:"),
        article(3).url.replace("//", "//www.") + "#top",
        "HTTP://CHENGNAN.example.org/news/3.html",
        "http://m.chengnan.example.org/3",
    ],
)
def test_any_address_of_an_article_leads_to_it(get, address):
    answer = get("/article?url=" + address.replace("#", "%23"))
    assert (answer.status_code, answer.headers["location"]) == (302, at(3))


def test_the_uid_of_another_address_leads_to_the_article_in_the_same_form(get):
    other = f"/article/{uid('http://m.chengnan.example.org/3')}"
    for rest in ("", ".json?revisions=1", "?lang=en"):
        answer = get(other + rest)
        assert (answer.status_code, answer.headers["location"]) == (302, at(3) + rest)


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/article", 400, "请给出文章的网址"),
        ("/article?url=http://nowhere.example.org/%3Cb%3E", 404, "http://nowhere.example.org/&lt;b&gt;"),
        ("/article?url=http://[", 404, "请核对网址"),
        ("/article/0123456789abcdef", 404, "没有编号为 0123456789abcdef 的文章"),
        ("/article/0123456789ABCDEF", 404, "请核对编号"),
        ("/article/%3Cscript%3E", 404, "请核对编号"),
    ],
)
def test_what_names_no_article_is_answered_in_a_sentence(get, path, status, sentence):
    answer = get(path)
    assert answer.status_code == status
    assert sentence in answer.text
    assert "<script>alert" not in answer.text


def test_programs_are_told_in_their_own_form_and_readers_in_their_language(get):
    unknown = get("/article/0123456789abcdef.json?lang=en")
    assert unknown.status_code == 404
    assert unknown.json()["error"].startswith("This archive holds no article 0123456789abcdef; ")
    assert get("/article/0123456789abcdef?lang=en").text.count('role="alert" lang="en"') == 1
    assert get("/article/0123456789abcdef").text.count('role="alert" lang="zh-Hans"') == 1


@pytest.mark.parametrize("number", range(100, 100 + len(HOSTILE)), ids=HOSTILE)
def test_nothing_of_a_hostile_page_is_live(get, number):
    answer = get(at(number))
    assert answer.status_code == 200
    page = LexborHTMLParser(answer.text)
    main = page.css_first("main")
    assert main.css("script, style, svg, math, iframe, object, embed, form, input, base, meta, link, noscript") == []
    assert len(page.css("h1")) == 1
    assert len(page.css("#content")) == 1
    for node in page.css("*"):
        assert not any(name.startswith("on") or name == "style" for name in node.attributes), node.html
    for node in main.css("[href], [src]"):
        address = node.attributes.get("href") or node.attributes.get("src")
        wanted = "/" if node.tag == "img" else ("/", "http://chengnan.", "http://other.")
        assert address.startswith(wanted), node.html
        assert not address.startswith("//"), node.html
        if address.startswith("http"):
            assert node.attributes["rel"] in ("noopener noreferrer nofollow", "license"), node.html
    assert "{{ 7*7 }}" in answer.text or "template" not in words(page.css_first("h1").html)
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_addresses_of_a_page_that_lead_nowhere_safe_lose_their_links(get):
    page = LexborHTMLParser(get(at(102)).text).css_first(".body")
    assert [(node.text(), node.attributes.get("href")) for node in page.css("a")] == [("一", None), ("二", None)]


def test_html_that_would_take_long_to_parse_is_shown_as_text():
    draw = lambda url, label: pytest.fail("drawn")  # noqa: E731
    for markup in ("<div>" * 200 + "正文", "<div><b></div>" * 200 + "正文", "正文" + " " * body.MAX_LENGTH):
        assert body.body(markup, "正文", draw) is None
    assert body.body("<p>" * 200 + "正文", "正文", draw) is not None
    assert body.body("<div></div>" * 200 + "正文", "正文", draw) is not None


def test_a_body_keeps_what_extraction_keeps():
    assert body.TAGS == clean._TAGS
    assert body.ATTRIBUTES == clean._ATTRIBUTES


def test_the_row_of_an_article_leads_to_its_page(get, directory):
    (held,) = rows(directory, f"SELECT id FROM articles WHERE uid = '{at(3)[9:]}'")
    row, table = get(f"/archive/articles/{held['id']}"), get("/archive/articles")
    assert f'<a href="{at(3)}">第3期技能培训班延期</a>' in row.text
    assert f'<a href="{at(3)}">第3期技能培训班延期</a>' in table.text
    assert f'href="/archive/articles/{held["id"]}"' in get(at(3)).text


def test_articles_of_an_older_archive_have_their_pages(tmp_path):
    directory = ArchiveDirectory(tmp_path)
    version_1(directory.database)
    found = rows(directory, "SELECT uid, title FROM articles")
    assert found
    for row in found:
        assert row["title"] in asyncio.run(application(directory).client.get(f"/article/{row['uid']}")).text


def test_an_article_whose_data_are_broken_is_said_to_be(tmp_path):
    filler = Filler(tmp_path)
    filler.page(article(1))
    filler.db.execute("UPDATE articles SET authors = 'no list'")
    datasette = application(filler.close())
    for ending in ("", ".json", ".ris"):
        answer = asyncio.run(datasette.client.get(at(1) + ending))
        assert answer.status_code == 500
        assert "union-archive reparse" in answer.text
        assert str(tmp_path) not in answer.text
