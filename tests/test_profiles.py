"""Profiles: the reader refuses whatever it does not understand, in one line with the fix; the registry is sound."""

import json
import pickle
import re

import pytest

from crawler.families import FAMILIES
from crawler.profile import SiteProfile
from crawler.profile_reader import KEYS, NEEDED, ProfileError, read_profile
from crawler.registry import PACKAGE_SITES, registry
from crawler.values import LEVELS, STATUSES

LEAST = """\
name = "海潮市总工会"
home = "http://www.hcgh.example/"
hosts = ["www.hcgh.example", "hcgh.example"]
article_url = '/show/\\d+\\.html$'
"""


@pytest.fixture
def site(tmp_path):
    """Write a profile and read it."""

    def read(text: str, name: str = "haichao.toml") -> SiteProfile:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_profile(path)

    return read


def test_the_least_a_profile_says_and_its_defaults(site):
    profile = site(LEAST)
    assert (profile.id, profile.name) == ("haichao", "海潮市总工会")
    assert profile.hosts == ("www.hcgh.example", "hcgh.example")
    assert (profile.family, profile.status, profile.delay, profile.concurrency) == ("generic", "active", 1.0, 1)
    assert (profile.languages, profile.timezone) == (("zh-Hans",), "+08:00")
    assert (profile.level, profile.region, profile.reason, profile.sections, profile.layouts) == (
        None,
        None,
        None,
        (),
        (),
    )


def test_everything_a_profile_can_say(site):
    profile = site(
        LEAST
        + """\
name_en = "Haichao Federation of Trade Unions"
level = "prefecture"
region = "CN-37"
family = "workercn"
status = "paused"
reason = "moved"
delay = 3
concurrency = 2
languages = ["zh-Hant", "en"]
timezone = "+09:00"
[evidence]
seen = "a"
inferred = "b"
[[section]]
name = "要闻"
url = "http://www.hcgh.example/yw/"
[[section]]
url = "http://hcgh.example/jc/"
[[layout]]
body = "div.zw"
date = "span.rq"
remove = ["div.fx"]
[[layout]]
body = "#text"
[expect]
required = ["published_at", "section"]
max_days_between_articles = 7
"""
    )
    assert profile.article_url.search("http://www.hcgh.example/show/7.html")
    assert [(section.name, section.url) for section in profile.sections] == [
        ("要闻", "http://www.hcgh.example/yw/"),
        (None, "http://hcgh.example/jc/"),
    ]
    assert [(layout.name, layout.body, layout.remove) for layout in profile.layouts] == [
        ("1", "div.zw", ("div.fx",)),
        ("2", "#text", ()),
    ]
    assert profile.expect.required == ("published_at", "section")
    assert (profile.evidence.seen, profile.evidence.inferred) == ("a", "b")
    assert (profile.delay, profile.region) == (3.0, "CN-37")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("name =", "nmae ="),
            "haichao.toml: unknown key 'nmae'; expected one of name, name_en, name_pinyin, parent, level",
        ),
        (('name = "海潮市总工会"\n', ""), "haichao.toml: missing key 'name'; add it"),
        (('home = "http://www.hcgh.example/"\n', ""), "haichao.toml: missing key 'home'; add it"),
        (('hosts = ["www.hcgh.example", "hcgh.example"]\n', ""), "haichao.toml: missing key 'hosts'; add it"),
        (('"海潮市总工会"', "7"), "haichao.toml: name = 7: give some text in quotes"),
        (('"海潮市总工会"', '" "'), "haichao.toml: name = ' ': give some text in quotes"),
        (("http://www.hcgh.example/", "www.hcgh.example"), "home = 'www.hcgh.example': give an address that begins"),
        (("http://www.hcgh.example/", "http://[::1/"), "home = 'http://[::1/': give an address that begins"),
        (("http://www.hcgh.example/", "http://hc.example/"), "home 'http://hc.example/' is not on a host of the site"),
        (('"hcgh.example"]', '"http://hcgh.example"]'), "without http:// and path"),
        (('"hcgh.example"]', '"HCGH.example"]'), "give hosts in lower case"),
        (('"hcgh.example"]', '"hcgh.example:80"]'), "leave the default port out"),
        (('"hcgh.example"]', '"www.hcgh.example"]'), "remove what is listed twice"),
        (('["www.hcgh.example", "hcgh.example"]', "[]"), "hosts = []: give a list such as"),
        (("'/show/\\d+\\.html$'", "'/show/(\\d+'"), "is no regular expression ("),
        (("'/show/\\d+\\.html$'", "'.*'"), "matches every URL"),
        (("'/show/\\d+\\.html$'", "'hcgh'"), "article_url matches 'http://www.hcgh.example/', which is a listing"),
        (("article_url = '/show/\\d+\\.html$'\n", ""), "missing key 'article_url', which family 'generic' does not"),
    ],
)
def test_a_wrong_profile_is_refused_with_the_key_and_the_fix(site, change, message):
    assert change[0] in LEAST
    with pytest.raises(ProfileError, match=re.escape(message)) as caught:
        site(LEAST.replace(*change))
    assert str(caught.value).startswith("haichao.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ('level = "county"', "level = 'county': give one of national, provincial"),
        ('region = "Shandong"', "region = 'Shandong': give a value such as"),
        ('family = "wordpres"', "family = 'wordpres': give one of workercn, qingdao, "),
        ('status = "off"', "status = 'off': give one of active, paused, unsupported"),
        ('status = "paused"', "status 'paused' needs a reason"),
        ('status = "unsupported"', "status 'unsupported' needs a reason"),
        ("delay = -1", "delay = -1: give a number of seconds"),
        ("delay = nan", "delay = nan: give a number of seconds"),
        ("delay = true", "delay = True: give a number of seconds"),
        ("delay = 0", "delay = 0 is for sites on this machine"),
        ("concurrency = 0", "concurrency = 0: give a whole number of at least 1"),
        ("concurrency = 1.5", "concurrency = 1.5: give a whole number"),
        ('languages = "zh-Hans"', "languages = 'zh-Hans': give a list such as"),
        ('languages = ["Chinese"]', "languages = ['Chinese']: give a value such as"),
        ('timezone = "Shanghai"', "timezone = 'Shanghai': give an offset such as"),
        ('timezone = "Europe/Atlantis"', "timezone = 'Europe/Atlantis': give an offset such as"),
        ('evidence = "seen"', "evidence is a table; write [evidence]"),
        ('[section]\nurl = "http://hcgh.example/yw/"', "section is a list of tables; write [[section]]"),
        ("[evidence]\nsene = 'x'", "[evidence]: unknown key 'sene'; expected one of seen, inferred"),
        ("[evidence]\ndelay = 2", "[evidence]: unknown key 'delay'; move it above the first [table]"),
        ('[[section]]\nname = "要闻"', "[[section]] 1: missing key 'url'; add it"),
        ('[[section]]\nurl = "http://other.example/"', "[[section]] 1: url 'http://other.example/' is not on a host"),
        (
            '[[section]]\nurl = "http://hcgh.example/yw/"\n[[section]]\nurl = "http://www.hcgh.example/yw/#a"',
            "[[section]] 2: url = 'http://www.hcgh.example/yw/#a': give an address",
        ),
        (
            '[[section]]\nurl = "http://hcgh.example/yw/"\n[[section]]\nurl = "http://www.hcgh.example/yw/"',
            "[[section]] 2: url 'http://www.hcgh.example/yw/' is listed twice",
        ),
        ('[[section]]\nurl = "http://hcgh.example/show/1.html"', "which is a listing"),
        ('[[layout]]\ntitle = "h1"', "[[layout]] 1: missing key 'body'; add it"),
        (
            '[[layout]]\nbody = "a"\n[[layout]]\nbdy = "b"',
            "[[layout]] 2: unknown key 'bdy'; expected one of body, title",
        ),
        ('[[layout]]\nbody = "div["', "[[layout]] 1: body = 'div[': is no usable CSS selector ("),
        ('[[layout]]\nbody = "p::text"', "[[layout]] 1: body = 'p::text': is no usable CSS selector ("),
        (
            "[[layout]]\nbody = 'p:lexbor-contains(\"x\")'",
            "[[layout]] 1: body = 'p:lexbor-contains(\"x\")': is no usable",
        ),
        ('[[layout]]\nbody = "@x"', "[[layout]] 1: body = '@x': is no usable CSS selector ("),
        ('[[layout]]\nbody = "div"\nremove = "p"', "[[layout]] 1: remove = 'p': give a list such as"),
        ('[expect]\nrequired = ["date"]', "[expect]: required = ['date']: give one of url, title"),
        ("[expect]\nmax_days_between_articles = 0", "[expect]: max_days_between_articles = 0: give a whole number"),
        ("nothing", "haichao.toml: Expected '=' after a key"),
    ],
)
def test_a_wrong_addition_is_refused_with_the_table_the_key_and_the_fix(site, added, message):
    with pytest.raises(ProfileError, match=re.escape(message)) as caught:
        site(LEAST + added)
    assert str(caught.value).startswith("haichao.toml: ")
    assert "\n" not in str(caught.value)


def test_the_home_page_can_be_a_section(site):
    assert site(LEAST + '[[section]]\nname = "首页"\nurl = "http://hcgh.example/"').sections[0].name == "首页"


def test_what_cannot_be_read_is_refused(tmp_path, site):
    with pytest.raises(ProfileError, match=r"none\.toml: cannot be read \(No such file"):
        read_profile(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes(LEAST.encode("gb18030"))
    with pytest.raises(ProfileError, match=r"gbk\.toml: byte \d+ is not UTF-8; save the file as UTF-8"):
        read_profile(tmp_path / "gbk.toml")
    with pytest.raises(ProfileError, match="the file's name is the site's id"):
        site(LEAST, "Hai Chao.toml")


def test_a_site_without_article_addresses_can_wait(site):
    text = LEAST.replace("article_url = '/show/\\d+\\.html$'\n", 'status = "paused"\nreason = "addresses not seen"\n')
    assert site(text).article_pattern is None


@pytest.mark.parametrize("home", ["http://127.0.0.1:8080/", "http://[::1]:8080/", "http://localhost:8080/"])
def test_only_a_site_on_this_machine_needs_no_delay(site, home):
    profile = site(
        f'name = "a"\nhome = "{home}"\nhosts = ["{home[7:-1]}"]\ndelay = 0\narticle_url = "/a/"\n', "local.toml"
    )
    assert profile.loopback
    assert profile.delay == 0.0
    assert not site(LEAST).loopback


def test_the_digest_is_of_the_bytes(site):
    first = site(LEAST).digest
    assert re.fullmatch(r"[0-9a-f]{64}", first)
    assert site(LEAST).digest == first
    assert site(LEAST + "# a remark\n").digest != first


def test_a_profile_crosses_to_another_process_and_into_json():
    for profile in registry().values():
        again = pickle.loads(pickle.dumps(profile))
        assert again == profile
        assert hash(again) == hash(profile)
        assert json.loads(json.dumps(profile.to_json()))["id"] == profile.id
    assert registry()["qdcyzgh"].to_json()["article_url"].endswith(r"/news_\d+/\d+\.html$")


def test_the_registry_is_every_file_of_the_package():
    assert list(registry()) == sorted(path.stem for path in PACKAGE_SITES.glob("*.toml"))
    assert {"workercn", "qdcyzgh"} <= set(registry())


@pytest.mark.parametrize("profile", registry().values(), ids=registry())
def test_every_profile_says_what_it_rests_on(profile):
    assert profile.level
    assert profile.region
    assert profile.english
    assert profile.evidence.seen
    assert profile.evidence.inferred
    assert profile.delay >= 1
    assert profile.concurrency == 1


def test_the_sites_of_an_archive_join(tmp_path):
    assert registry(tmp_path / "none") == registry()
    (tmp_path / "haichao.toml").write_text(LEAST, encoding="utf-8")
    joined = registry(tmp_path)
    assert joined["haichao"].name == "海潮市总工会"
    assert set(joined) == {*registry(), "haichao"}
    assert list(joined) == sorted(joined)


def test_an_archive_cannot_have_a_site_of_the_package(tmp_path):
    (tmp_path / "workercn.toml").write_text(LEAST, encoding="utf-8")
    with pytest.raises(ProfileError, match=r"workercn\.toml: the package has a site 'workercn' already; rename"):
        registry(tmp_path)


def test_one_bad_profile_stops_the_load(tmp_path):
    (tmp_path / "a.toml").write_text(LEAST, encoding="utf-8")
    (tmp_path / "b.toml").write_text(LEAST + "famly = 1\n", encoding="utf-8")
    with pytest.raises(ProfileError, match=r"b\.toml: unknown key 'famly'"):
        registry(tmp_path)


def test_what_a_caller_does_to_the_registry_stays_with_the_caller():
    registry().clear()
    assert "workercn" in registry()


def test_the_readme_documents_every_key_and_whether_it_is_needed():
    text = (PACKAGE_SITES / "README.md").read_text(encoding="utf-8")
    documented: dict[str, dict[str, bool]] = {}
    for part in text.split("\n## ")[1:]:
        if part.startswith("Families"):
            continue
        table = (re.match(r"`\[+(\w+)\]+`", part) or ["", ""])[1]
        rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", part, re.M)
        documented[table] = {key: default == "needed" for key, default in rows}
    options = {key: False for family in FAMILIES.values() for key in family.options}
    assert documented == {
        table: {key: key in NEEDED.get(table, ()) for key in readers} for table, readers in KEYS.items()
    } | {"options": options}


def test_the_readme_names_every_value_that_can_be_chosen():
    text = (PACKAGE_SITES / "README.md").read_text(encoding="utf-8")
    for name in (*FAMILIES, *LEVELS, *STATUSES):
        assert f"`{name}`" in text
