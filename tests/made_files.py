"""Attachments for tests, made byte by byte: PDF, Word, Excel, PowerPoint, OpenDocument, OFD. All of it is invented."""

import base64
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATION = "http://schemas.openxmlformats.org/package/2006/relationships"


def pdf(pages: Sequence[Sequence[str]], *, encoding: str = "GBK-EUC-H", codec: str = "gbk", trailer: str = "") -> bytes:
    """A PDF whose Chinese font is only named, as those of older office programs are; a page is its lines."""
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        f"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /{encoding} /DescendantFonts [4 0 R] >>".encode(),
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1)"
        b" /Supplement 2 >> /FontDescriptor 5 0 R /DW 1000 >>",
        b"<< /Type /FontDescriptor /FontName /SimSun /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900"
        b" /Descent -200 /CapHeight 700 /StemV 80 >>",
    ]
    for number, lines in enumerate(pages):
        drawn = "".join(f"<{line.encode(codec).hex()}> Tj 0 -20 Td " for line in lines)
        stream = f"BT /F1 12 Tf 40 800 Td {drawn}ET" if lines else "0 0 200 200 re f"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream".encode())
    return _numbered(objects, trailer)


def _numbered(objects: Sequence[bytes], trailer: str) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R "
    return bytes(out) + f"{end}{trailer}>>\nstartxref\n{len(out)}\n%%EOF".encode()


def locked_pdf() -> bytes:
    """A PDF that opens with a password only."""
    key = "<" + "5a" * 32 + ">"
    encrypt = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >> /ID [<{'00' * 16}> <{'00' * 16}>] "
    return pdf([["机密"]], trailer=encrypt)


def zipped(members: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file of members by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(body: str, head: str = "") -> bytes:
    """A Word file; `body` is the XML within `<w:body>`, `head` stands before the root."""
    xml = f'<?xml version="1.0" encoding="UTF-8"?>{head}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": xml})


def paragraph(*runs: str) -> str:
    """A paragraph of a Word file, of several runs."""
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def pptx(slides: Sequence[str]) -> bytes:
    """A PowerPoint file, a line a slide."""
    made = {f"ppt/slides/slide{number}.xml": f'<s xmlns:a="{A}"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></s>'
            for number, text in enumerate(slides, start=1)}  # fmt: skip
    return zipped({"ppt/presentation.xml": "<p/>", **made})


def odt(body: str) -> bytes:
    """An OpenDocument text; `body` is the XML within it."""
    spaces = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": f"<o {spaces}>{body}</o>"})


def ofd(pages: Sequence[Sequence[str]]) -> bytes:
    """An OFD file (GB/T 33190) of pages of lines."""
    made = {}
    for number, lines in enumerate(pages):
        objects = "".join(f"<o:TextObject><o:TextCode>{line}</o:TextCode></o:TextObject>" for line in lines)
        made[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<o:Page xmlns:o="http://www.ofdspec.org/2016">{objects}</o:Page>'
        )
    return zipped({"OFD.xml": "<o/>", **made})


def xlsx(rows: Sequence[Sequence[str | float]], name: str = "报名表") -> bytes:
    """An Excel file of one sheet."""
    cells = "".join(f'<row r="{number}">{"".join(map(_cell, row))}</row>' for number, row in enumerate(rows, start=1))
    return sheets({name: f"<sheetData>{cells}</sheetData>"})


def _cell(value: str | float) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str) else f"<c><v>{value}</v></c>"


def sheets(made: Mapping[str, str]) -> bytes:
    """An Excel file; the XML within each worksheet by the sheet's name."""
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(made, start=1))
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{R}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(made) + 1)
    )
    parts = {f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{S}">{xml}</worksheet>'
             for n, xml in enumerate(made.values(), start=1)}  # fmt: skip
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{RELATION}"><Relationship Id="rId1" Type="{R}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATION}">{relations}</Relationships>',
            **parts,
        }
    )


def ole(*streams: str) -> bytes:
    """The head of an old Office file, whose directory names streams; nothing else is in it."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 1024
        + b"".join(one.encode("utf-16-le") + b"\0" * 8 for one in streams)
    )


#: A workbook of Excel 97 with the rows 姓名 单位 人数, 林述禾 第一棉纺厂 12, 王大山 港务局 3.5, as xlwt wrote it.
_XLS = (
    "c-rk)O-NKx6#nj;|G^n&Oal#M5Yn=Ns5Wi%SzxZ5OpP)IY9@yaWwfb{31-?r5K+(~iZ%nbXk)eM$0BN15E!}$f?%e0wJ9iQq4PTT%zHN0EF37Q"
    "xZmTRd+s^+d-uF|?!E8l)m$)}xm%aRPiTb=dBX!|kxfwXSd9S4Zx~XwYBv=_;h%!XO^I|m@W}VlC37hAor8uu_Gcu4cT}PnL1Z|Y2(2M@a||&d"
    "V`w2MaDyy<)N)i+ERV8W$MQD!e9W?qEf-m~P~WULggHIZywjY;2ek(F`617HpE+;XvJEwOE@$zX%c9WNfnBNNv7x`yQE#unG$?N!iDV)b8_J@Z"
    "5;%>oMhN&~t<<L>WnWvn0NKB-w7W{!uV{8)0>%-Z;AxtWA8gWN6F1|&-huOrXqVaLLOmAxe7#id@9Er2)of%WVS~7O?9-(uqYjAh7$PqQX2&Oc"
    "$a>*qQ{RawDO;17?zX5`?%cf611na#k5@ni$$nI_9^`cppuK$Y*5~=oc$a>dEfc)E7oGtdW!NxqRx*g}XOC@JHZx-j%Sk@#2G;9XR@3aIy0NRq"
    "RQ619pL6VOq;YmI7WAefeG}>FkNY0fr{C+FNuTM+ovxmFt!L0c&!m3h%VP>*5f<04Nj%i8TA2IATb8xI>>X|`V8(8k54uV$!OLopWuYbSj#zGK"
    "=Dm_^QGzX)Z8Q4|X3P6FuE~~UZ#UUm3AV;;hsiEv#%Z!OW{;7xRja~1*_HOZAMip!K|w)5K|w)5p)>@)$rj$*<=d&l{4#Kv|8<tA<kfGI{}$aC"
    "rsEWSn6@KHbqb?p&7bvf2<u#8l^pATp~L|iJ%vHUIgY`y=P!NPiQ?;7H8Jq}mQcCl=gW!n50C#HP#n}T"
)


def xls() -> bytes:
    """That workbook."""
    return zlib.decompress(base64.b85decode(_XLS))
