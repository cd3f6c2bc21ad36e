"""What stands around every page: its frame, the language it speaks, and where its links lead."""

import html
import re
from importlib.resources import files

import pytest
from reading_room import asking, reading_room

ENGLISH = {"accept-language": "de, en;q=0.8, zh;q=0.5"}


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with asking(reading_room(tmp_path_factory.mktemp("web"))) as ask:
        yield ask


def test_a_page_speaks_one_language(ask):
    for path in ("/", "/sites", "/sites/chengnan", "/nowhere-at-all"):
        chinese = ask(path).text
        english = ask(path, headers=ENGLISH).text
        assert '<html lang="zh-Hans">' in chinese
        assert '<html lang="en">' in english
        for words in ("检索文章", "首页", "数据表"):
            assert words in chinese
            assert words not in english
    assert "Jiangbei Federation of Trade Unions" in ask("/sites/jiangbei", headers=ENGLISH).text


def test_the_language_that_is_asked_for_goes_along(ask):
    asked = ask("/sites?status=active&lang=en").text
    links = re.findall(r'href="(/(?:sites|search|archive)?(?:\?[^"]*)?)"', asked)
    assert len(links) > 4
    assert [link for link in links if "lang=en" not in link and "lang=zh" not in link] == []
    assert '<input type="hidden" name="lang" value="en">' in asked
    assert '<a class="language" href="/sites?status=active&amp;lang=zh" hreflang="zh"' in asked
    by_header = ask("/sites?status=active", headers=ENGLISH).text
    assert 'name="lang"' not in by_header
    assert 'href="/search"' in by_header


@pytest.mark.parametrize("path", ["/", "/sites", "/sites/chengnan", "/archive", "/archive/articles", "/nowhere"])
def test_every_page_has_the_frame(ask, path):
    page = ask(path).text
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert page.count("<h1") == 1
    assert '<a class="skip" href="#content">' in page
    assert '<main id="content"' in page
    assert '<form class="site-search" role="search" action="/search" method="get">' in page
    current = re.findall(r'<a href="([^"]*)" aria-current="(\w+)">', page)
    marked = {"/": ("/", "page"), "/sites": ("/sites", "page"), "/archive": ("/archive", "page")}
    marked |= {"/sites/chengnan": ("/sites", "true"), "/archive/articles": ("/archive", "true")}
    assert current == ([marked[path]] if path in marked else [])
    for control in re.findall(r'<(?:input|select) [^>]*name="(?:q|level|region|status)"[^>]*>', page):
        id_ = re.search(r'id="([^"]+)"', control)
        before = page[: page.index(control)]
        assert (id_ and f'for="{id_[1]}"' in page) or before.rindex("<label>") > before.rfind("</label>")


@pytest.mark.parametrize("path", ["/", "/sites", "/sites/chengnan"])
def test_our_pages_need_no_script_and_no_style_of_their_own(ask, path):
    page = ask(path).text
    assert "<script" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<[^>]+ on\w+=", page)
    assert "http://www.w3.org" not in page


@pytest.mark.parametrize("path", ["/", "/sites?lang=en", "/sites/chengnan", "/sites/yunhe?lang=en"])
def test_every_link_leads_somewhere(ask, path):
    page = ask(path).text
    links = {html.unescape(link) for link in re.findall(r'(?:href|src)="(/[^"#]*)"', page)}
    assert len(links) > 8
    answers = ask(*sorted(links))
    assert [(answer.url, answer.status_code) for answer in answers if answer.status_code not in (200, 302)] == []


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    parts = [digits[i : i + 2] for i in (0, 2, 4)] if len(digits) == 6 else [digit * 2 for digit in digits]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (int(p, 16) / 255 for p in parts)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_every_ground_it_stands_on(scheme):
    css = (files("archive.web") / "static" / "archive.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    colours = tokens(light) if scheme == "light" else tokens(dark.split("/* Type */")[0])
    grounds = {
        "text": ("paper", "surface", "field", "notice", "mark", "gap"),
        "quiet": ("paper", "surface", "field", "gap"),
        "link": ("paper", "surface", "notice", "mark", "gap"),
        "visited": ("paper", "surface", "notice", "mark"),
        "accent": ("paper", "surface", "field"),
        "on-accent": ("accent",),
    }
    pairs = [(text, ground) for text, those in grounds.items() for ground in those]
    assert [(t, g) for t, g in pairs if contrast(colours[t], colours[g]) < 4.5] == []


def test_the_style_sheet_names_no_other_host_and_only_known_tokens(ask):
    css = ask("/-/static-plugins/archive.web/archive.css").text
    assert "url(" not in css
    assert "@import" not in css
    assert set(re.findall(r"var\(--([\w-]+)\)", css)) <= set(re.findall(r"--([\w-]+):", css))
