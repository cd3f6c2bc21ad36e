"""Whole crawls of a local site of every family: from its listing to the exported articles, with all their fields."""

import json

import pytest
from crawls import Crawls
from family_sites.built import builds, name_of, profile_of, served
from shared import once

from crawler.families import FAMILIES, detect

BUILDS = builds()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Every site crawled: id -> (Built, articles by path, requests)."""
    found = once(tmp_path_factory, "families", crawl_all)
    return {name_of(build): (build.values[0](), *found[name_of(build)]) for build in BUILDS}


def crawl_all(directory):
    """Crawl every site, side by side in one process; return id -> (articles by path, requests)."""
    crawls = Crawls(directory)
    with served(BUILDS) as sites:
        for id_, (built, site) in sites.items():
            (crawls.directory.sites / f"{id_}.toml").write_text(profile_of(built, site), encoding="utf-8")
        ended = crawls.command("crawl", *sites, "--jobs", "8")
        exported = crawls.command("export", "--format", "jsonl")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    # Only what a home page's menu leads to and the site does not have may fail.
    for row in crawls.rows("SELECT site, url, kind, depth, error FROM frontier WHERE state = 'failed'"):
        built, site = sites[row["site"]]
        assert (row["kind"], row["depth"]) == ("listing", 0), row
        assert built.listing is None or row["url"] != site.url + built.listing, row
        assert row["url"].removeprefix(site.url) not in built.pages, row
    articles = {id_: {} for id_ in sites}
    for one in map(json.loads, exported.stdout.splitlines()):
        articles[one["site"]][one["url"].removeprefix(sites[one["site"]][1].url)] = one
    return {id_: (articles[id_], site.log) for id_, (_, site) in sites.items()}


@pytest.mark.parametrize("id_", [name_of(build) for build in BUILDS])
def test_a_site_of_the_family_is_crawled_whole(crawled, id_):
    built, articles, asked = crawled[id_]
    assert sorted(articles) == sorted(built.articles)
    for path, expected in built.articles.items():
        assert {name: articles[path][name] for name in expected} == expected
        for word in built.absent:
            assert word not in articles[path]["text"]
    listings = [one for one in asked if one.path != "/robots.txt" and one.path not in built.articles]
    read = {(one.path, one.body) for one in listings}
    assert len(read) >= built.listing_pages
    assert len(listings) == len(read), "a listing page was asked for twice"


@pytest.mark.parametrize("build", BUILDS)
def test_the_family_is_told_by_its_pages(build):
    built = build()
    if not built.detected:
        pytest.skip("this form of the family has no sign of its own")
    page = built.pages[built.example or next(iter(built.articles))]
    text = getattr(page, "body", page).decode("utf-8", "replace")
    assert detect(text, f"http://gh.example{built.example or next(iter(built.articles))}") == built.family


def test_every_family_has_a_site():
    built = {build.values[0]().family for build in BUILDS}
    assert built == set(FAMILIES)
