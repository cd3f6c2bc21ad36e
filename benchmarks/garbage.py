"""What mutating.py puts into pages: names, phrases, entities and attributes that an extractor might stumble over."""

import json
from random import Random

TAGS = (
    "div", "p", "span", "b", "a href=/x_2.html", "table", "table><tr><td", "td", "ul><li", "li", "font", "h1",
    "title", "center", "script", "style", "svg", "math", "template", "iframe", "select><option", "textarea",
    "noscript", "blockquote", "dl><dd", "frameset", "body", "html", "head", "trans", "ruby><rt", "form", "button",
    "object", "pre", "svg><foreignObject", "math><annotation-xml encoding=text/html", "o:p", "xmp", "plaintext",
)  # fmt: skip
CHARSETS = (
    "utf-8", "gbk", "gb2312", "gb18030", "big5", "big5-hkscs", "euc-kr", "euc-jp", "shift_jis", "iso-2022-jp",
    "iso-2022-kr", "hz-gb-2312", "utf-16", "utf-16le", "utf-32", "utf-7", "windows-1252", "iso-8859-1", "koi8-r",
    "x-user-defined", "replacement", "none", "unicode", "utf8mb4", "base64", "rot13", "idna", "unicode_escape",
    "punycode", "-", "zlib", "undefined",
)  # fmt: skip
CONTROLS = (
    "\x00", "\x00" * 9, "\x01", "\x08", "\x0b", "\x0c", "\r", "\x1a", "\x1b", "\x1c", "\x1d", "\x1e", "\x1f", "\x7f",
    "\x80", "\x85", "\x9f", "\xa0", "\xad", "\u061c", "\u200b", "\u200f", "\u2028", "\u2029", "\u202e", "\u2066",
    "\u2060", "\u3000", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U000e0001",
)  # fmt: skip
ENTITIES = (
    "&", "&#", "&#x", "&#;", "&#0;", "&#x1f;", "&#31;", "&#10;", "&#13;", "&#x2028;", "&#xD800;", "&#xDC00;",
    "&#55357;", "&#xFFFD;", "&#x110000;", "&#99999999999;", "&#-1;", "&#x80;", "&nbsp", "&nbsp;&nbsp;", "&ampamp;",
    "&amp;lt;script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;b&gt;", "&NotEqualTilde;", "&fjlig;",
    "&zwnj;", "&lrm;", "&quot;", "&#34;", "&apos;", "&bne;", "&copy", "&hellip;", "&unknown;", "&middot;",
    "&mdash;&mdash;", "&ensp;", "&shy;", "&Tab;", "&NewLine;",
)  # fmt: skip
PHRASES = (
    "来源：", "来源:工会网 ", "作者：", "责任编辑：", "（责任编辑：甲）", "记者 ", "通讯员 王五 赵六 ",
    "本报北京5月24日电（记者 王五）", "2024-05-25 07:05:00", "2024-13-45 25:61:99", "2024-02-30",
    "2024-05-25T07:05:00+99:99", "2024-05-25 07:05 -2500", "2024-05-25T24:00:00Z",
    "2024-05-25T23:59:59.999999999-12:00", "1990-01-01", "2099-12-31 23:59+00:01", "0000-00-00",
    "发布时间：２０２４年５月２５日 １０：３０", "二〇二四年五月二十四日", "○○○○年十十月十十十日", "昨天 1３:３0",
    "999周前", "5分钟前", "May 25, 2024 12:00 a.m.", "25. Mai 2024", "当前位置：首页 >> 要闻 >> ", "原标题：",
    "甲（引题）乙（主题）丙（副题）", "（主题）", "——", "_", "|", "-", "（", "）", "【", "：", "、", "，", "。", "　",
    " ", "\n", "\t", "图为", "新华社记者 王五 摄", "相关新闻", "上一篇：", "下一篇", "分享到：", "打印", "<br>",
    "<p>", "</p>", "<!--", "-->", "<![CDATA[", "]]>", "<script>", "</script>", "</body>", "</html>",
    "<base href='http://['>", "<base href='javascript:'>", "<base href='//'>", "<title>", "<plaintext>", "页面不存在",
    "404 Not Found", "<img src='/a.jpg' width='²'>", "<img src='http://['>", "<a href='/a.doc'></a>",
    "<a href='http://[/a.pdf'>附件</a>", "<a href='/a.pdf?name=%00%ff'>附件</a>", "<a href='/a.pdf?filename='> </a>",
    "<input name=__totalpage value=²>", "<input name=__totalpage value=5>", "<a href='http://[_2.html'>2</a>",
    "<input type=password>", "<time datetime='2024-05-25T07:05:00+25:00' itemprop=datePublished>",
)  # fmt: skip
ATTRIBUTES = (
    "style='display:none'", "style", "hidden", "class", "class=''", "class='content article'", "class='footer share'",
    "class='title'", "id='content'", "id=title", "onclick='alert(1)'", "onerror=alert(1)",
    "href='javascript:alert(1)'", "href='JaVaScRiPt&#58;alert(1)'", "href='data:text/html,x'", "href='vbscript:x'",
    "href='http://['", "href='//['", "href='/a.doc'", "href='http://a:b@c:99999/'", "href='%'", "href=''", "href",
    "src='http://['", "src='javascript:x'", "src='/a.jpg'", "data-src='/b.jpg'", "data-src='http://[.jpg'",
    "data-src='javascript:/x.jpg'", "srcset=', ,'", "srcset='/c.jpg 1x, /d.jpg 2x'", "width='²'", "height='①'",
    "width='1px'", "width='-5'", "colspan='99999999'", "align='center'", "datetime='2024-05-25T07:05:00+99:99'",
    "datetime", "content='2024-05-25T07:05:00+99:99'", "content", "name='pubdate'", "name='author'",
    "name='og:title'", "xmlns:x='y'", "x:y='z'", "'", '"', "=", "==", "<", "/", "\x00", "a" * 3000, "\ufffd='\ufffd'",
    "charset='utf-7'", "http-equiv='refresh'",
)  # fmt: skip


def linked_data(chance: Random) -> str:
    """Return a JSON-LD script, or a meta, that holds something wrong."""
    if chance.random() < 0.3:
        name = chance.choice(("pubdate", "author", "contentsource", "og:title", "articletitle", "og:url", "columnname"))
        value = chance.choice((*PHRASES, *ENTITIES, *CONTROLS)).replace('"', "") * chance.choice((1, 2, 1000))
        return f'<meta name="{name}" content="{value}">'
    item = {"@type": chance.choice(("NewsArticle", "WebPage", ["Report", 1], None, {}, 7, "Person"))}
    for key in ("headline", "datePublished", "author", "@graph", "@id", "name", "mainEntity"):
        if chance.random() < 0.6:
            item[key] = _value(chance, 4)
    source = json.dumps([item] * chance.choice((1, 1, 2, 20_000)) if chance.random() < 0.3 else item)
    if chance.random() < 0.2:
        source = source[: chance.randint(0, len(source))]
    return f'<script type="application/ld+json">{source}</script>'


def _value(chance: Random, depth: int) -> object:
    """Return a JSON value of any kind; half surrogates are among the strings."""
    if depth and chance.random() < 0.5:
        inner = [_value(chance, depth - 1) for _ in range(chance.randint(0, 3))]
        keys = ("@type", "@id", "name", "headline", "author", "@graph")
        return inner if chance.random() < 0.5 else {chance.choice(keys): value for value in inner}
    plain = (None, True, 0, -1.5, 10**400, "", " \n", "x", "\ud83d", "标题\ud83d说明文字很长", *PHRASES[:20])
    return chance.choice(plain)
