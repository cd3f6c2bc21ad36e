"""Pictures have absolute addresses and printed captions, which are not text; files are attachments."""

from __future__ import annotations

import pytest
from extraction_pages import BODY, TEXT, markup, read

from archive.article import Attachment, Image

SITE = "http://www.lantian.example"


@pytest.mark.parametrize(
    ("tag", "url"),
    [
        ('<img src="/upload/a.jpg">', "/upload/a.jpg"),
        ('<img src="a.jpg">', "/news_2/a.jpg"),
        ('<img src="blank.gif" data-src="/upload/b.jpg">', "/upload/b.jpg"),
        ('<img src="/loading.gif" data-original="../c.jpg">', "/c.jpg"),
        ('<img class="lazy" src="data:image/gif;base64,R0lGOD" data-lazy-src="/d.png">', "/d.png"),
        ('<img srcset="/s-320.jpg 320w, /s-960.jpg 960w">', "/s-960.jpg"),
    ],
)
def test_addresses(tag, url):
    article = read(markup(f"<p>{tag}</p>{BODY}"))
    assert article.images == (Image(SITE + url),)
    assert f'src="{SITE}{url}"' in article.html


@pytest.mark.parametrize(
    "tag",
    [
        '<img src="/images/icon_doc.gif">',
        '<img src="/static/qrcode.png">',
        '<img src="/a.jpg" width="16" height="16">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="javascript:alert(1)">',
        '<img alt="没有地址">',
    ],
)
def test_ornaments_are_no_pictures(tag):
    article = read(markup(f"<p>{tag}</p>{BODY}"))
    assert article.images == ()
    assert "<img" not in article.html


@pytest.mark.parametrize(
    "below",
    [
        "<p>志愿者在值守。周小满 摄</p>",
        "<p>志愿者在值守。（5月20日摄）。</p>",
        "<p>蓝田区总工会供图</p>",
        "<p>图为志愿者在值守。</p>",
        "<p>资料图：志愿者在值守。</p>",
        '<p style="text-align: center">志愿者在值守</p>',
        '<p align="center">志愿者在值守</p>',
        '<div class="pic-desc">志愿者在值守</div>',
    ],
)
def test_captions_belong_to_pictures_and_not_to_the_text(below):
    article = read(markup(f'<p><img src="/upload/a.jpg"></p>{below}{BODY}'))
    assert article.text == TEXT
    (image,) = article.images
    assert image.caption is not None
    assert image.caption in below
    assert image.caption in article.html


def test_figure_and_line_break_captions():
    figure = "<figure><img src='/a.jpg'><figcaption>值守之夜</figcaption></figure>"
    cell = "<p><img src='/b.jpg'><br>志愿者接听电话。吴远山 摄</p>"
    article = read(markup(figure + BODY + cell))
    assert [image.caption for image in article.images] == ["值守之夜", "志愿者接听电话。吴远山 摄"]
    assert article.text == TEXT


def test_alternative_text_is_no_caption():
    assert read(markup(f'<p><img src="/a.jpg" alt="微信图片_20240525065653"></p>{BODY}')).images[0].caption is None


def test_paragraph_below_a_picture_is_text():
    article = read(markup(f'<p><img src="/a.jpg"></p>{BODY}'))
    assert (article.text, article.images[0].caption) == (TEXT, None)


def test_centred_text_around_pictures_is_text():
    lines = "".join(
        f'<p align="center"><img src="/{n}.jpg"></p><p align="center">第{n}夜，电话响了又响，{n}个人没有睡。</p>'
        for n in range(6)
    )
    assert "第5夜" in read(markup(lines)).text


def test_picture_twice_is_one_with_its_caption():
    article = read(markup(f'<img src="/a.jpg">{BODY}<p><img src="/a.jpg"></p><p>周小满 摄</p>'))
    assert article.images == (Image(f"{SITE}/a.jpg", "周小满 摄"),)


def test_picture_story_without_text_is_an_article():
    caption = "5月20日，蓝田区的夜班职工在驿站吃上热饭。 周小满 摄"
    article = read(markup(f"<figure><img src='/a.jpg'><figcaption>{caption}</figcaption></figure>"))
    assert article.text == ""
    assert article.images[0].caption == caption


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("/doc/plan.pdf", "附件1：工作方案.pdf"),
        ("../doc/plan.DOCX?v=2", "方案"),
        ("/module/download/downfile.jsp?classid=0&filename=ab12.xls", "名单"),
        ("/system/_content/download.jsp?wbfileid=12", "汇总表.zip"),
    ],
)
def test_files_are_attachments(href, name):
    article = read(markup(f'{BODY}<p><a href="{href}">{name}</a></p>'))
    (file,) = article.attachments
    assert file == Attachment(SITE + href.replace("..", ""), name)
    assert article.text.endswith(name)


def test_file_without_a_printed_name_has_its_own():
    article = read(
        markup(f'{BODY}<p>附件：<a href="/doc/%E6%96%B9%E6%A1%88.pdf"><img src="/images/icon_pdf.gif"></a></p>')
    )
    assert article.attachments == (Attachment(f"{SITE}/doc/%E6%96%B9%E6%A1%88.pdf", "方案.pdf"),)


def test_links_to_pages_are_no_attachments():
    assert read(markup(f'{BODY}<p>详见<a href="/news_2/9.html">往期报道</a>的说明。</p>')).attachments == ()
