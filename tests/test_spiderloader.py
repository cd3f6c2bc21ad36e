"""Every profile is a spider."""

import sys
from types import ModuleType

import pytest
from scrapy import Request, Spider
from scrapy.settings import Settings
from scrapy.spiderloader import get_spider_loader

from crawler.profile_reader import ProfileError
from crawler.registry import registry
from crawler.spiderloader import ProfileSpiderLoader

OWN = 'name = "a"\nhome = "http://a.example/"\nhosts = ["a.example"]\narticle_url = "/a/"\n'


class StandIn(Spider):
    """A spider class for the loader to derive from: the loader's work does not depend on what spiders do."""


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """An archive with three sites of its own, one of them unsupported."""
    module = ModuleType("crawler.spiders.site")
    module.SiteSpider = StandIn
    monkeypatch.setitem(sys.modules, "crawler.spiders.site", module)
    monkeypatch.delenv("UNION_ARCHIVE", raising=False)
    monkeypatch.chdir(tmp_path)
    sites = tmp_path / "kept" / "sites"
    sites.mkdir(parents=True)
    (sites / "own.toml").write_text(OWN)
    (sites / "resting.toml").write_text(OWN + 'status = "paused"\nreason = "moved"\n')
    (sites / "walled.toml").write_text(OWN + 'status = "unsupported"\nreason = "encrypted lists"\n')
    return tmp_path / "kept"


def loader(**settings):
    return ProfileSpiderLoader.from_settings(Settings(settings))


def test_the_packages_sites_are_spiders_without_an_archive(archive):
    expected = [name for name, profile in registry().items() if profile.status != "unsupported"]
    assert list(loader().list()) == expected


def test_a_spider_knows_its_site(archive):
    spider = loader().load("qdcyzgh")
    assert issubclass(spider, StandIn)
    assert spider.name == "qdcyzgh"
    assert spider.profile == registry()["qdcyzgh"]
    assert loader().load("workercn").profile.id == "workercn"


def test_the_archives_sites_join_by_setting_environment_or_default(archive, tmp_path, monkeypatch):
    assert {"own", "resting", "workercn"} <= set(loader(UNION_ARCHIVE=str(archive)).list())
    monkeypatch.setenv("UNION_ARCHIVE", str(archive))
    assert "own" in loader().list()
    assert "own" not in loader(UNION_ARCHIVE=str(tmp_path / "other")).list()
    monkeypatch.delenv("UNION_ARCHIVE")
    assert "own" not in loader().list()
    archive.rename(tmp_path / "data")
    assert "own" in loader().list()


def test_an_unsupported_site_has_no_spider(archive):
    found = loader(UNION_ARCHIVE=str(archive))
    assert "walled" not in found.list()
    with pytest.raises(KeyError, match="walled: the site is unsupported"):
        found.load("walled")


def test_an_unknown_site(archive):
    with pytest.raises(KeyError, match="nowhere: no such site"):
        loader().load("nowhere")


def test_the_spiders_of_a_request(archive):
    found = loader(UNION_ARCHIVE=str(archive))
    assert list(found.find_by_request(Request("http://qdcyzgh.cn/news_2/1.html"))) == ["qdcyzgh"]
    assert list(found.find_by_request(Request("http://a.example/a/"))) == ["own", "resting"]
    assert list(found.find_by_request(Request("http://b.example/"))) == []


def test_a_bad_profile_stops_the_load(archive):
    (archive / "sites" / "bad.toml").write_text(OWN + "famly = 1\n")
    with pytest.raises(ProfileError, match=r"bad\.toml: unknown key 'famly'"):
        loader(UNION_ARCHIVE=str(archive))


def test_scrapy_finds_it_by_its_setting(archive):
    settings = Settings({"SPIDER_LOADER_CLASS": "crawler.spiderloader.ProfileSpiderLoader"})
    assert "workercn" in get_spider_loader(settings).list()
