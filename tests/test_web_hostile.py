"""Fifty hostile texts on every page, feed and file that leads from the first page: nothing runs, no file is broken."""

import asyncio
import base64
import csv
import hashlib
import io
import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest
from filled import rows
from hostile import HOSTILE, TEXTS, fill, visible
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from archive.web.queries import QUERIES
from archive.web.security import inline_digests, is_strict
from archive.web.serve import application

ATOM = "{http://www.w3.org/2005/Atom}"
#: Pages that no link leads to.
MORE = (
    "/archive", "/archive/articles", *(f"/archive/{name}" for name in QUERIES),
    "/search?q=工会", "/search?q=hacked&sort=relevance", "/search.json?q=工会", "/timeline.json", "/timeline.csv",
    "/archive/revisions", "/archive/articles?_nocol=uid", "/archive?sql=select+*+from+articles",
    "/archive.json?sql=select+*+from+articles", "/archive.csv?sql=select+*+from+articles", "/archive/sites",
    "/article/?url=" + "%22%3E%3Cscript%3E", "/search?q=%3Cscript%3Ewindow.hacked%3D1%3C/script%3E",
    "/search?section=%22%3E%3Cscript%3E&site=%3Cscript%3E", "/sites/%3Cscript%3E", "/archive/%3Cscript%3E",
    "/search?q=%0d%0aSet-Cookie:x", "/search?after=%3Cscript%3E", "/archive/articles?_sort=%3Cscript%3E",
    "/archive/articles?_facet=title&section=%22onload%3D1", "/export.csv?q=%3Cscript%3E", "/search?lang=%22%3E%3Cx%3E",
)  # fmt: skip


def kind(address: str) -> str:
    """An address without what differs between those of one kind; of Datasette's tables, without parameters."""
    parts = urlsplit(address)
    path = re.sub(r"[0-9a-f]{16}", "UID", parts.path)
    if path.startswith("/archive"):
        return re.sub(r"(?<=/archive/)(\w+)/[^/]+?(?=\.\w+$|$)", r"\1/ID", path)
    path = re.sub(r"\d+", "N", path)
    names = {name for name, _ in parse_qsl(parts.query)}
    # Exports of one filter and another are of one kind; of pages, one with several parameters stands for all such.
    return f"{path}?{'…' if len(names) > 1 or '.' in path else ''.join(names)}"


def links(page: LexborHTMLParser) -> set[str]:
    found = {node.attributes.get(name) or "" for name in ("href", "src") for node in page.css(f"[{name}]")}
    return {link.partition("#")[0] for link in found if link.startswith("/") and not link.startswith("//")}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def answers(directory):
    """The answers of all pages by address, found by following links."""

    async def follow():
        datasette = application(directory)
        found, kinds, queue = {}, Counter(), ["/", *MORE]
        while queue:
            address = queue.pop(0)
            one = kind(address)
            if address in found or (kinds[one] and one != "/article/UID?" and address not in MORE):
                continue
            kinds[one] += 1
            answer = found[address] = await datasette.client.get(address)
            if answer.headers.get("content-type", "").startswith("text/html"):
                queue += sorted(links(LexborHTMLParser(answer.text)))
        return found

    return asyncio.run(follow())


def of_type(answers, content_type: str, ending: str = "") -> dict:
    return {
        address: answer
        for address, answer in answers.items()
        if answer.headers.get("content-type", "").startswith(content_type)
        and urlsplit(address).path.endswith(ending)
        and answer.status_code == 200
    }


def test_every_kind_of_page_was_looked_at_and_none_fails(answers):
    kinds = {kind(address).partition("?")[0] for address in answers}
    wanted = (
        "/", "/search", "/search.json", "/search.atom", "/timeline", "/sites", "/sites/chengnan", "/article/UID",
        "/article/UID.json", "/article/UID.bib", "/article/UID.ris", "/article/UID.csl.json", "/export.jsonl",
        "/export.csv", "/archive", "/archive/articles", "/archive/articles/ID", "/archive/edited", "/capture/N",
        "/capture/N/raw", "/capture/N/source", "/article/UID/revisions", "/article/UID/revisions.json",
    )  # fmt: skip
    assert set(wanted) - kinds == set()
    assert sum(kind(address) == "/article/UID?" for address in answers) == len(TEXTS)
    failed = {address: answer.status_code for address, answer in answers.items() if answer.status_code >= 400}
    # A refusal links to itself in the other language.
    assert {address for address in failed if re.sub("[?&]lang=en$", "", address) not in MORE} == set()
    assert set(failed.values()) <= {400, 404}


LIVE = {
    "object", "embed", "applet", "base", "frame", "frameset", "foreignobject", "animate", "set", "use", "math",
    "noscript", "audio", "video", "portal", "marquee",
}  # fmt: skip
ADDRESSES = ("src", "data", "poster", "background", "action", "formaction", "srcdoc", "ping", "xlink:href", "srcset")


def allowed(address: str, node) -> bool:
    """Whether an element of a page is one that the page's own templates make."""
    attributes = node.attributes
    if node.tag == "script":
        digest = base64.b64encode(hashlib.sha256(node.text(strip=False).encode()).digest()).decode()
        return (attributes.get("src") or "").startswith("/-/static") or f"'sha256-{digest}'" in inline_digests()
    if node.tag == "iframe":
        return "sandbox" in attributes and not attributes["sandbox"] and attributes["src"].startswith("/capture/")
    if node.tag == "meta":
        return "http-equiv" not in attributes
    if node.tag in ("link", "form"):
        return (attributes.get("href") or attributes.get("action") or "").startswith(("/", "http://localhost/"))
    if node.tag == "style":
        # Datasette's own tables hide columns on a phone.
        return address.startswith("/archive") and "evil" not in node.text() and "hacked" not in node.text()
    return node.tag not in LIVE


def harm(address: str, text: str) -> list[str]:
    """What of a page would run, fetch from elsewhere, or send elsewhere."""
    found = []
    for node in LexborHTMLParser(text).root.traverse(include_text=False):
        if node.tag.startswith(("-", "!")):
            continue
        if not allowed(address, node):
            found.append(f"<{node.tag}> {node.html[:80]}")
        for name, value in node.attributes.items():
            value = re.sub(r"[\s\x00-\x1f]+", "", value or "")
            wrong = (
                name.startswith("on")
                or (name == "style" and not address.startswith("/archive"))
                or (name == "href" and not re.match(r"/(?!/)|[#?]|https?://|$", value))
                or (name in ADDRESSES and not re.match(r"/(?!/)|[?]|$", value))
            )
            if wrong:
                found.append(f"{node.tag} {name}={value[:60]}")
    return found


def test_no_element_or_attribute_of_any_page_runs_or_leads_elsewhere(answers):
    pages = {
        address: answer
        for address, answer in answers.items()
        if answer.headers.get("content-type", "").startswith("text/html") and not address.endswith("/raw")
    }
    assert len(pages) > len(TEXTS) + 20, len(pages)
    assert {address: found for address, page in pages.items() if (found := harm(address, page.text))} == {}


def test_what_finds_harm_finds_it():
    """The look at the pages is no formality: of the hostile texts as they stand, it finds every live one."""
    live = [name for name, text in HOSTILE.items() if re.match(r"<(?!!|<)", text) or "<script" in text]
    silent = {"unclosed tag", "mutation", "RIS", "malformed tags", "header"}
    assert [name for name in live if name not in silent and not harm("/", f"<p>{HOSTILE[name]}</p>")] == []
    assert len(live) > 20


def test_a_stored_page_is_shown_under_a_policy_of_its_own(answers):
    stored = {address: answer for address, answer in answers.items() if address.endswith("/raw")}
    assert len(stored) == 1
    for answer in stored.values():
        assert all(is_strict(policy) for policy in answer.headers.get_list("content-security-policy"))
        assert "sandbox" in answer.headers["content-security-policy"].split("; ")


def test_no_template_is_filled_in_by_a_text(answers):
    for address, answer in answers.items():
        if not answer.headers.get("content-type", "").startswith("application/gzip"):
            assert str(7919 * 7907) not in answer.text, address


def test_no_header_comes_from_a_text(answers):
    for address, answer in answers.items():
        assert "set-cookie" not in answer.headers
        assert answer.headers.get("location", "/").startswith(("/", "http://localhost/")), address
        for name, value in answer.headers.items():
            if name == "content-disposition":
                assert re.fullmatch(r'(attachment|inline)(; filename="[\w.-]+")?', value, re.ASCII), address
            assert "\r" not in value
            assert name == "link" or "hacked" not in value.lower()


def test_titles_of_pages_are_read_as_they_are_stored(directory, answers):
    for row in rows(directory, "SELECT uid, title FROM articles"):
        page = LexborHTMLParser(answers[f"/article/{row['uid']}"].text)
        # What HTML cannot hold is lost or shown by its number; white space is a browser's.
        shown = visible(page.css_first("h1").text())
        assert shown.endswith(visible(row["title"])) or visible(row["title"]) in shown


def test_answers_for_programs_can_be_read(answers):
    for address, answer in of_type(answers, "application/json;").items():
        assert answer.json() is not None, address
    for address, answer in of_type(answers, "application/atom+xml").items():
        assert etree.fromstring(answer.content).tag == f"{ATOM}feed", address
    tables = {**of_type(answers, "text/csv"), **of_type(answers, "text/plain", ".csv")}
    assert len(tables) > 5
    for address, answer in tables.items():
        widths = {len(line) for line in csv.reader(io.StringIO(answer.content.decode(), newline=""))}
        assert len(widths) == 1, address
    for row in {
        address: answer.json() for address, answer in answers.items() if kind(address).startswith("/article/UID.json")
    }.values():
        assert row["title"] in TEXTS
