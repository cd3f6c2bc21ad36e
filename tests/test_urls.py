"""URLs: one canonical form, one identity; what is on the site, and what is an article."""

from urllib.parse import quote

import pytest

from crawler.profile import SiteProfile
from crawler.registry import registry
from crawler.urls import canonical, is_article, key, on_site, site_of, translated_original
from crawler.values import regex

WORKERCN = registry()["workercn"]
QDCYZGH = registry()["qdcyzgh"]
LOCAL = SiteProfile("local", "a", "http://127.0.0.1:8080/", ("127.0.0.1:8080",), family="qingdao")
BAIDU = "https://translate.baiducontent.com/transpage?cb=translateCallback&from=zh&ie=utf8&query={}&source=url&to=en"
COPY = BAIDU.format(quote("http://www.qdcyzgh.cn/news_3/865.html", safe=""))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.qdcyzgh.cn", "http://www.qdcyzgh.cn/"),
        ("http://www.qdcyzgh.cn/news_2/1.html#top", "http://www.qdcyzgh.cn/news_2/1.html"),
        ("  HTTPS://QDCYZGH.CN:443/news_2/1.html ", "http://www.qdcyzgh.cn/news_2/1.html"),
        ("http://www.qdcyzgh.cn:80/a", "http://www.qdcyzgh.cn/a"),
        ("http://www.qdcyzgh.cn./a", "http://www.qdcyzgh.cn/a"),
        ("http://www.qdcyzgh.cn/a/../news_2/./1.html", "http://www.qdcyzgh.cn/news_2/1.html"),
        (
            "http://www.qdcyzgh.cn/%e5%b7%a5会?k=%e5%b7%a5会",
            "http://www.qdcyzgh.cn/%E5%B7%A5%E4%BC%9A?k=%E5%B7%A5%E4%BC%9A",
        ),
        ("http://www.qdcyzgh.cn/s?k=%b9%a4%bb%e1&x=%7e%2f", "http://www.qdcyzgh.cn/s?k=%B9%A4%BB%E1&x=~%2F"),
        ("http://www.qdcyzgh.cn/?b=2&a=1&a=0&c=", "http://www.qdcyzgh.cn/?b=2&a=1&a=0&c="),
        ("http://www.qdcyzgh.cn/a?", "http://www.qdcyzgh.cn/a"),
        ("http://www.qdcyzgh.cn/a?utm_source=x&id=3&utm_medium=y&spm=1.2.3", "http://www.qdcyzgh.cn/a?id=3"),
        ("http://www.qdcyzgh.cn/a?from=timeline&isappinstalled=0", "http://www.qdcyzgh.cn/a"),
        ("http://www.qdcyzgh.cn/search?from=20", "http://www.qdcyzgh.cn/search?from=20"),
        ("http://www.qdcyzgh.cn/a;jsessionid=0A1B2C?x=1", "http://www.qdcyzgh.cn/a?x=1"),
        ("http://www.qdcyzgh.cn/a?7OkeOa4k=0vRq3kQAlqEq9wZ.1mTzHc7yLbDs&x=1", "http://www.qdcyzgh.cn/a?x=1"),
        ("http://www.qdcyzgh.cn/a?page2Id=201908190819081908", "http://www.qdcyzgh.cn/a?page2Id=201908190819081908"),
        (
            "http://www.qdcyzgh.cn/a?articleId=Zk3vRq3kQAlqEq9wZ1mTzHc7",
            "http://www.qdcyzgh.cn/a?articleId=Zk3vRq3kQAlqEq9wZ1mTzHc7",
        ),
        # Another host keeps its own form.
        ("https://m.qdcyzgh.cn/a", "https://m.qdcyzgh.cn/a"),
        ("https://example.org:443/a?utm_source=x", "https://example.org/a"),
        ("https://www.qdcyzgh.cn:8443/a", "https://www.qdcyzgh.cn:8443/a"),
    ],
)
def test_canonical(url, expected):
    assert canonical(url, QDCYZGH) == expected
    assert canonical(expected, QDCYZGH) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.html",
        "javascript:void(0)",
        "http://[::1/",
        "http:///a",
        "http://a.cn:99999/",
        "http://a..cn/",
        "http://u:p@www.qdcyzgh.cn/",
        "mailto:a@b.cn",
    ],
)
def test_what_is_no_url(url):
    with pytest.raises(ValueError, match=r"\S"):
        canonical(url, QDCYZGH)
    assert not on_site(url, QDCYZGH)
    assert not is_article(url, QDCYZGH)


def test_www_and_bare_forms_are_one_and_other_subdomains_are_not():
    for form in ("http://workercn.cn/c/2024-05-25/8266352.shtml", "https://www.workercn.cn/c/2024-05-25/8266352.shtml"):
        assert canonical(form, WORKERCN) == "https://www.workercn.cn/c/2024-05-25/8266352.shtml"
    assert canonical("http://job.workercn.cn/a", WORKERCN) == "https://job.workercn.cn/a"
    assert canonical("http://www.job.workercn.cn/a", WORKERCN) == "https://job.workercn.cn/a"


def test_a_gateway_stands_for_its_original():
    big5 = "http://big5.workercn.cn/big5/{}/32/201801/30/180130080504276.shtml"
    url = canonical(big5.format("acftu.workercn.cn") + "?utm_source=x", WORKERCN)
    assert url == "https://acftu.workercn.cn/32/201801/30/180130080504276.shtml"
    assert canonical(big5.format("big5.workercn.cn/big5/acftu.workercn.cn"), WORKERCN) == url
    assert is_article(big5.format("acftu.workercn.cn"), WORKERCN)
    # The gateway fetches whatever host its path names; only the site's own count.
    assert not is_article(big5.format("acftu.example.com"), WORKERCN)
    assert canonical(big5.format("acftu.workercn.cn"), QDCYZGH).startswith("http://big5.workercn.cn/")


def test_hosts_match_with_their_port():
    assert on_site("http://127.0.0.1:8080/news_1/2.html", LOCAL)
    assert is_article("http://127.0.0.1:8080/news_1/2.html", LOCAL)
    assert not on_site("http://127.0.0.1/news_1/2.html", LOCAL)
    assert not on_site("http://127.0.0.1:8081/news_1/2.html", LOCAL)
    assert on_site("https://www.qdcyzgh.cn:443/", QDCYZGH)
    assert on_site("http://WWW.qdcyzgh.cn/", QDCYZGH)
    assert not on_site("http://www.qdcyzgh.cn:8080/", QDCYZGH)
    assert not on_site("http://www.qdcyzgh.cn:443/", QDCYZGH)


@pytest.mark.parametrize(
    "url",
    [
        "http://www.qdcyzgh.cn.example.com/news_2/1.html",
        "http://example.com/www.qdcyzgh.cn/news_2/1.html",
        "http://www.qdcyzgh.cn@example.com/news_2/1.html",
        "http://example.com@www.qdcyzgh.cn/news_2/1.html",
        "http://example.com\\@www.qdcyzgh.cn/news_2/1.html",
        "ftp://www.qdcyzgh.cn/news_2/1.html",
        "//www.qdcyzgh.cn/news_2/1.html",
    ],
)
def test_what_only_looks_like_the_site(url):
    assert not on_site(url, QDCYZGH)
    assert not is_article(url, QDCYZGH)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.qdcyzgh.cn/news_2/856.html", True),
        ("https://qdcyzgh.cn/news_13/223.html#a", True),
        ("http://www.qdcyzgh.cn/news_2/856.html?utm_source=x", True),
        ("http://www.qdcyzgh.cn/news_2/", False),
        ("http://www.qdcyzgh.cn/news_2/856_2.html", False),
        ("http://www.qdcyzgh.cn/share?url=http%3A%2F%2Fwww.qdcyzgh.cn%2Fnews_2%2F856.html", False),
        ("http://www.qdcyzgh.cn/share?url=http://www.qdcyzgh.cn/news_2/856.html", False),
        ("http://www.example.com/news_2/856.html", False),
    ],
)
def test_articles_of_a_site(url, expected):
    assert is_article(url, QDCYZGH) is expected


def test_the_profiles_own_pattern_comes_before_the_familys():
    own = SiteProfile("a", "a", "http://a.cn/", ("a.cn",), family="qingdao", article_url=registry()["jimo"].article_url)
    assert is_article("http://a.cn/n8427/n8446/170726094706393544.html", own)
    assert not is_article("http://a.cn/news_2/856.html", own)


def test_a_page_carried_in_a_query_is_no_article():
    profile = SiteProfile("a", "a", "http://a.cn/", ("a.cn",), article_url=regex(r"/news_\d+/\d+\.html$"))
    assert is_article("http://a.cn/news_2/856.html", profile)
    assert not is_article("http://a.cn/share?url=http://a.cn/news_2/856.html", profile)
    assert not is_article("http://a.cn/share?url=http%3a%2f%2fa.cn/news_2/856.html", profile)


def test_the_homes_form_of_a_host_comes_before_the_first_listed():
    profile = SiteProfile("a", "a", "http://www.a.cn/", ("a.cn", "www.a.cn", "b.a.cn", "www.b.a.cn"))
    assert canonical("https://a.cn/x", profile) == "http://www.a.cn/x"
    assert canonical("http://www.b.a.cn/x", profile) == "http://b.a.cn/x"


def test_a_translated_copy_is_a_page_of_its_own():
    assert translated_original(COPY) == "http://www.qdcyzgh.cn/news_3/865.html"
    assert canonical(COPY, QDCYZGH) == COPY
    assert key(COPY, QDCYZGH) == COPY != key("http://www.qdcyzgh.cn/news_3/865.html", QDCYZGH)
    assert is_article(COPY, QDCYZGH)
    assert not is_article(COPY, WORKERCN)
    assert not on_site(COPY, QDCYZGH)
    assert not is_article(BAIDU.format(quote("http://www.qdcyzgh.cn/news_3/", safe="")), QDCYZGH)
    assert not is_article(BAIDU.format(quote(COPY, safe="")), QDCYZGH)


@pytest.mark.parametrize(
    ("url", "original"),
    [
        ("https://fanyi.baidu.com/transpage?url=http%3A%2F%2Fa.cn%2F1", "http://a.cn/1"),
        ("http://www.microsofttranslator.com/bv.aspx?from=&to=en&a=http%3A%2F%2Fa.cn%2F1", "http://a.cn/1"),
        ("https://translate.baiducontent.com/transpage?query=javascript%3Aalert(1)", None),
        ("https://translate.baiducontent.com/other?query=http%3A%2F%2Fa.cn%2F1", None),
        ("https://example.com/transpage?query=http%3A%2F%2Fa.cn%2F1", None),
        ("http://[::1/transpage?query=http%3A%2F%2Fa.cn%2F1", None),
        ("http://a.cn/1", None),
    ],
)
def test_translators(url, original):
    assert translated_original(url) == original


def test_keys_of_a_site_without_family_are_its_canonical_urls():
    assert key("https://qdcyzgh.cn/news_2/856.html#x", QDCYZGH) == "http://www.qdcyzgh.cn/news_2/856.html"


def test_the_site_of_a_url():
    profiles = registry().values()
    assert site_of("http://qdsnzgh.cn/news_1/328.html", profiles) is registry()["qdsnzgh"]
    assert site_of(COPY, profiles) is QDCYZGH
    assert site_of("http://big5.workercn.cn/big5/acftu.workercn.cn/41/41.shtml", profiles) is WORKERCN
    assert site_of("http://www.example.com/news_1/328.html", profiles) is None
    assert site_of("no url", profiles) is None
