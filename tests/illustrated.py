"""Articles with pictures and attachments, for tests: their pages, and bytes that are what they seem."""

import json
import struct
import zlib

from local_server import News, Reply

NEWS = News(9)


def picture(number=1, length=60):
    """A PNG of one pixel that differs by `number`, `length` bytes long at least."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pixel = zlib.compress(bytes([0, number % 256, number // 256, 0]))
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return head + chunk(b"tEXt", b"note\0" + b"x" * length) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
HTML = "<!doctype html><html><head><title>提示</title></head><body><p>图片已经移走</p></body></html>".encode()
CHALLENGE = (
    b"<!doctype html><html><head><script>document.cookie='acw_sc__v2='+1;location.reload()</script></head></html>"
)


def sent(body, type_="image/png", *headers):
    """A reply with a Content-Type."""
    return Reply(body, headers=(("Content-Type", type_), *headers))


def article(number, *named):
    """The page of an article that shows these pictures, and links to these files (by suffix)."""
    marks = ""
    for address in named:
        if address.rpartition(".")[2] in ("pdf", "doc", "xls", "zip", "txt"):
            marks += f'<p><a href="{address}">附件：登记表</a></p>'
        else:
            marks += f'<p><img src="{address}" width=600></p>'
    return (
        NEWS.article(number)
        .replace(b"<p class=foot>", b"<p class=foot>", 1)
        .replace(b"</div><p class=foot>", f"{marks}</div><p class=foot>".encode())
    )


def put(site, pages):
    """Put articles (number -> what it names) on a site, and a listing of them."""
    rows = "".join(f'<li><a href="{NEWS.path(number)}">消息{number}，职工之家</a></li>' for number in pages)
    site.pages["/list/"] = f"<!doctype html><meta charset=utf-8><ul class=list>{rows}</ul>".encode()
    for number, named in pages.items():
        site.pages[NEWS.path(number)] = article(number, *named)


def digests(row):
    """Path of each picture and file of an article's row -> the digest it bears."""
    items = json.loads(row["images"]) + json.loads(row["attachments"])
    return {"/" + one["url"].split("/", 3)[3]: one["digest"] for one in items}
