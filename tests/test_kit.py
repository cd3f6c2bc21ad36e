"""The kit: `new-site` drafts a profile of a site it has never seen, `check` holds a site against its profile."""

import json
import tomllib
from contextlib import ExitStack

import pytest
from crawls import Crawls
from family_sites import trs
from family_sites.built import builds, home_page, name_of, profile_of, served
from local_server import LocalSite, Reply
from selectolax.lexbor import LexborHTMLParser

from crawler.families import FAMILIES
from crawler.families.links import site_links
from crawler.kit import guessing
from crawler.profile import SiteProfile
from crawler.profile_reader import read_profile

#: The first build of each family.
FIRST = {
    name_of(build).partition("_build")[0]: build for build in reversed(builds()) if "generic_feeds" not in build.id
}


@pytest.fixture(scope="module")
def drafted(tmp_path_factory):
    """Drafts of every family's site, all at once, then one check of them: (crawls, new-site's end, checks, sites)."""
    crawls = Crawls(tmp_path_factory.mktemp("kit"))
    with served(FIRST.values()) as sites:
        ended = crawls.command("new-site", *(f"{site.url}/" for _, site in sites.values()), "--jobs", "8")
        known = [path.stem for path in crawls.directory.sites.glob("*.toml")]
        assert known, ended.stderr
        checked = crawls.command("check", *known, "--json", "--jobs", "8")
    assert checked.stderr == ""
    return crawls, ended, {one["site"]: one for one in map(json.loads, checked.stdout.splitlines())}, sites


def id_of(site):
    """The id that a site of this machine gets."""
    return f"127_0_0_1_{site.port}"


@pytest.mark.parametrize("name", sorted(name_of(build) for build in FIRST.values()))
def test_a_site_is_drafted_and_its_draft_holds_unchanged(drafted, name):
    crawls, _, checks, sites = drafted
    built, site = sites[name]
    profile = read_profile(crawls.directory.sites / f"{id_of(site)}.toml")
    assert profile.family == (built.family if built.detected else "generic")
    assert len(profile.evidence.examples) == 2
    check = checks[profile.id]
    assert check["shortfalls"] == []
    assert check["articles"] >= 2
    assert check["fields"]["title"] == check["fields"]["text"] == check["articles"]


def test_every_family_is_drafted(drafted):
    _, ended, checks, sites = drafted
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(checks) == len(sites) == len(FAMILIES) - 1


def test_a_draft_leaves_pages_with_what_was_read_from_them(drafted):
    crawls, ended, _, built_sites = drafted
    (built, site), sites = built_sites["trs_build"], crawls.directory.sites
    for number in (1, 2):
        page = sites / "pages" / id_of(site) / f"article-{number}.html"
        said = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
        path = "/" + said["url"].split("/", 3)[3]
        assert page.read_bytes() == built.pages[path]
        assert said["expected"]["title"] == built.articles[path]["title"]
        assert said["body"] == "<div class=TRS_Editor>"
        assert f"wrote {page}" in ended.stdout
    assert (sites / "listings" / id_of(site) / "listing-1.html").read_bytes() == built.pages["/ghyw/"]
    assert "check: name = '青禾市总工会', level = 'prefecture'" in ended.stdout


# What a person gets wrong, and what sites answer


@pytest.fixture
def crawls(tmp_path):
    """An archive whose crawls are ended with the test."""
    made = Crawls(tmp_path / "data")
    yield made
    made.end()


@pytest.fixture
def site():
    with LocalSite() as served_site:
        yield served_site


ANSWERS = [
    (Reply(b"", 412, "Precondition Failed"), "HTTP 412"),
    (Reply(b"<script>a</script>", 521, "Web Server Is Down"), "HTTP 521"),
    (Reply(b"<title>x</title><script>" + b"$_ts={};" * 400 + b"</script>"), "challenge page"),
    (Reply(b'<html><body><div id="app"></div><script src="/a.js"></script></body></html>'), "script page"),
    (Reply(b"<body><p>Please sign in</p><form><input type=password></form></body>"), "login page"),
    (Reply(b""), "an empty page"),
    (Reply(b"<html><body><p>" + "欢迎光临本站。".encode() * 60 + b"</p></body></html>"), "no listing yields"),
    (Reply(b"not here", 404, "Not Found"), "HTTP 404"),
]


def test_a_home_page_that_leads_nowhere_is_said_in_one_line(crawls):
    with ExitStack() as stack:
        sites = [stack.enter_context(LocalSite()) for _ in ANSWERS]
        for site, (answer, _) in zip(sites, ANSWERS, strict=True):
            site.pages["/"] = answer
        good = stack.enter_context(LocalSite())
        good.pages |= trs.build().pages | {"/": home_page(trs.build())}
        ended = crawls.command("new-site", *(site.url for site in (*sites, good)))
    assert ended.returncode == 1
    assert [path.name for path in crawls.directory.sites.glob("*.toml")] == [f"{id_of(good)}.toml"]
    lines = ended.stderr.splitlines()
    assert len(lines) == len(ANSWERS)
    for site, (_, said) in zip(sites, ANSWERS, strict=True):
        (line,) = [line for line in lines if f"{site.url}/" in line]
        assert said in line


WRONG = {
    "www.example.org": "is no address",
    "http://": "no usable host",
    "http://www.workercn.cn/": "is a page of workercn, which has a profile",
    "http://127.0.0.1:9/": "cannot be looked at",
    "http://[::1": "no usable host",
    "HTTP://user:word@WWW.workercn.cn": "is a page of workercn, which has a profile",
}


def test_an_address_that_cannot_be_looked_at_is_said_in_one_line(crawls):
    ended = crawls.command("new-site", *WRONG)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == len(WRONG)
    for address, said in WRONG.items():
        assert any(line.startswith(f"Error: {address}") and said in line for line in ended.stderr.splitlines())


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--id", "workercn", "the registry has a site of that id"),
        ("--replay", "none.warc.gz", "no such file"),
        ("--id", "../evil", "'../evil' cannot be a site's id"),
        ("--id", "Yun Ling", "'Yun Ling' cannot be a site's id"),
        ("--id", "", "'' cannot be a site's id"),
    ],
)
def test_an_option_that_cannot_be_followed_is_said_in_one_line(crawls, option, value, said):
    ended = crawls.command("new-site", "http://127.0.0.1:9/", option, value)
    assert ended.returncode == 1
    assert said in ended.said


def test_an_id_is_for_one_site(crawls):
    assert crawls.command("new-site", "http://127.0.0.1:9/", "http://127.0.0.1:8/", "--id", "a").returncode == 2


def test_nothing_is_overwritten_and_a_checkout_is_named(crawls, site, tmp_path):
    built = trs.build()
    site.pages |= built.pages | {"/": b'<meta charset="utf-8"><title>x</title><a href="/ghyw/">' + "要闻</a>".encode()}
    assert "is no checkout" in crawls.command("new-site", f"{site.url}/", "--project", str(tmp_path)).said
    for folder in ("crawler/sites", "tests/pages", "tests/listings"):
        (tmp_path / "checkout" / folder).mkdir(parents=True)
    into = ("--project", str(tmp_path / "checkout"), "--id", "qinghe")
    assert crawls.command("new-site", f"{site.url}/", *into).returncode == 0
    assert (tmp_path / "checkout" / "tests" / "pages" / "qinghe" / "article-1.json").exists()
    asked = len(site.log)
    assert "is there already" in crawls.command("new-site", f"{site.url}/", *into).said
    (tmp_path / "checkout" / "crawler" / "sites" / "qinghe.toml").unlink()
    assert "listings/qinghe: is there already" in crawls.command("new-site", f"{site.url}/", *into).said
    assert len(site.log) == asked, "what is there already is told before the look"
    assert not list((tmp_path / "checkout" / "crawler" / "sites").glob("*"))
    assert not list(crawls.directory.sites.glob("*"))


HEADLINES = ("柳河镇总工会建起户外劳动者服务站", "石桥镇总工会举办职工插秧比赛", "青湾乡总工会送清凉到采石场")
TITLE = '<meta charset="utf-8"><title>工会要闻-云岭县总工会</title>'
MENU = TITLE + '<a href="/lm.asp?lm=1">要闻</a><a href="/lm.asp?lm=2">基层</a>'


def test_a_menu_is_read_by_its_words_though_the_home_page_lists_articles(crawls, site):
    """The addresses of a home-grown CMS: `lm.asp?lm=1` is a listing of `nr.asp?id=101`."""
    for section in (1, 2):
        rows = ""
        for number, headline in enumerate(HEADLINES, section * 100):
            rows += f'<li><a href="/nr.asp?id={number}">{headline}</a><span>2026-05-1{number % 10}</span></li>'
            body = f"<p>{headline}，工会干部把{number}条意见逐条记下，约定月底前答复。</p>" * 3
            page = f"{MENU}<h1>{headline}</h1><div>来源：云岭县总工会 2026-05-10</div><div class=zw>{body}</div>"
            site.pages[f"/nr.asp?id={number}"] = page.encode()
        site.pages[f"/lm.asp?lm={section}"] = f"{MENU}<ul>{rows}</ul>".encode()
    site.pages["/"] = site.pages["/lm.asp?lm=1"]
    ended = crawls.command("new-site", f"{site.url}/", "--id", "yunling")
    assert ended.returncode == 0, ended.stderr
    profile = read_profile(crawls.directory.sites / "yunling.toml")
    assert profile.name == "云岭县总工会"
    assert [section.name for section in profile.sections] == ["要闻", "基层"]
    assert profile.article_pattern.pattern == r"^https?://[^/?#]+/nr\.asp\?id=\d+$"
    said = json.loads((crawls.directory.sites / "pages" / "yunling" / "article-1.json").read_text(encoding="utf-8"))
    assert said["expected"]["credits"] == []
    assert said["listing"]["title"] == HEADLINES[0]
    assert said["listing"]["date"] == "2026-05-10"


def test_a_look_is_small_and_asks_robots_txt_first(crawls, site):
    built = trs.build()
    more = "".join(f'<a href="/s{number}/">栏目{number}</a>' for number in range(40))
    site.pages |= built.pages | {
        "/": f'<meta charset="utf-8"><title>x</title><a href="/ghyw/">要闻</a>{more}'.encode(),
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /s1/\n", headers=(("Content-Type", "text/plain"),)),
    }
    assert crawls.command("new-site", f"{site.url}/").returncode == 0
    assert len(site.log) < 40
    assert site.log[0].path == "/robots.txt"
    assert site.requests("/s1/") == {}


def test_both_commands_read_captures(crawls, site, tmp_path):
    """A site is looked at by replaying what a crawl of it kept, with no request."""
    built = trs.build()
    site.pages |= built.pages
    (crawls.directory.sites / "lokal.toml").write_text(profile_of(built, site), encoding="utf-8")
    site.pages["/"] = b'<meta charset="utf-8"><title>x</title><a href="/ghyw/">' + "要闻</a>".encode()
    assert crawls.command("crawl", "lokal").returncode == 0
    (warc,) = crawls.directory.warc.glob("*.warc.gz")
    asked = len(site.log)
    checked = crawls.command("check", "lokal", "--replay", str(warc))
    assert checked.returncode == 0, checked.stdout
    assert "lokal  本地工会: as its profile says" in checked.stdout
    (crawls.directory.sites / "lokal.toml").unlink()
    home = Crawls(tmp_path / "home")
    home.profile(site, "home", listing="/")
    home.command("crawl", "home")
    files = [str(path) for path in (warc, *home.directory.warc.glob("*.warc.gz"))]
    replay = [word for file in files for word in ("--replay", file)]
    ended = crawls.command("new-site", f"{site.url}/", "--id", "replayed", *replay)
    assert ended.returncode == 0, ended.stderr
    assert read_profile(crawls.directory.sites / "replayed.toml").family == "trs"
    assert [one.path for one in site.log[asked:]] == ["/robots.txt", "/"]


# check


def test_what_falls_short_is_told_and_counts(crawls, site):
    built = trs.build()
    site.pages |= built.pages
    site.pages["/leer/"] = b"<html><body><ul></ul></body></html>"
    section = f'[[section]]\nname = "空栏目"\nurl = "{site.url}/leer/"\n[[section]]\nurl = "{site.url}/weg/"\n'
    required = '[expect]\nrequired = ["correspondents"]\n'
    text = profile_of(built, site) + section + required
    (crawls.directory.sites / "lokal.toml").write_text(text, encoding="utf-8")
    ended = crawls.command("check", "lokal")
    assert ended.returncode == 1
    assert f"short: {site.url}/leer/: no article link" in ended.stdout
    assert f"short: {site.url}/weg/: HTTP 404" in ended.stdout
    assert "missing correspondents, which the site's articles have" in ended.stdout
    assert "does not hold: 1 of 3 listings are read" in ended.stdout


def test_a_family_that_the_pages_do_not_show_is_told(crawls, site):
    built = trs.build()
    site.pages |= built.pages
    text = profile_of(built, site).replace('family = "trs"', 'family = "vsb"\narticle_url = "/t20"')
    (crawls.directory.sites / "lokal.toml").write_text(text, encoding="utf-8")
    ended = crawls.command("check", "lokal", "--json")
    (check,) = map(json.loads, ended.stdout.splitlines())
    assert check["family"] == "vsb"
    assert check["detected"] == {"trs": 4}
    assert "family (trs 4)" in check["fails"]


def test_check_wants_sites(crawls):
    assert crawls.command("check").returncode == 2
    assert "did you mean workercn" in crawls.command("check", "workercm").stderr


# Guesses


@pytest.mark.parametrize(
    ("host", "id_"),
    [
        ("qdcyzgh.cn", "qdcyzgh"),
        ("xgh.qut.edu.cn", "xgh_qut"),
        ("www.gmb.org.uk", "www_gmb"),
        ("127.0.0.1:8080", "127_0_0_1_8080"),
        ("cn", "cn"),
    ],
)
def test_an_id_is_made_of_a_host(host, id_):
    assert guessing.site_id(host) == id_


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (["/yw/2026/1.html", "/jc/2026/4.html", "/yw/2025/3.html"], r"/[^/?#]+/\d+/\d+\.html$"),
        (["/yw/2026/1.html", "/yw/2026/4.html"], r"/yw/\d+/\d+\.html$"),
        (["/show.php?cid=2&id=7", "/show.php?cid=2&id=8", "/list.php?id=2"], r"/show\.php\?cid=\d+&id=\d+$"),
        (["/news/bakers-win-pay/", "/news/dockers-mark-a-century/"], r"/news/[^/?#]+/$"),
        (["/bakers-win-sick-pay", "/dockers-mark-a-century"], r"/[^/?#_-]+(?:[_-][^/?#_-]+){3,}$"),
    ],
)
def test_article_addresses_are_guessed_from_headlines(paths, pattern):
    page = "".join(f'<a href="{path}">{number} Harbour workers win sick pay</a>' for number, path in enumerate(paths))
    here = SiteProfile("gh", "a", "http://gh.example/", ("gh.example",))
    links = site_links(LexborHTMLParser(page), here.home, here)
    assert guessing.article_pattern(links).pattern == "^https?://[^/?#]+" + pattern


def test_a_draft_is_read_as_it_was_written(drafted):
    crawls, _, _, sites = drafted
    path = crawls.directory.sites / f"{id_of(sites['trs_build'][1])}.toml"
    assert guessing.toml(read_profile(path)) == path.read_text(encoding="utf-8")
    assert tomllib.loads(path.read_text(encoding="utf-8"))["evidence"]["examples"]
