"""The contract of the registry: what every profile of the package holds, tried on the profiles and on broken ones."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from family_sites.built import builds

from crawler.families import FAMILIES
from crawler.profile import SiteProfile
from crawler.registry import registry
from crawler.urls import canonical, is_article, on_site
from crawler.values import regex

TESTS = Path(__file__).parent
PROFILES = registry()
ROWS = set(re.findall(r"^## (.+)$", (TESTS.parent / "docs" / "survey.md").read_text(encoding="utf-8"), re.M))
#: Families that pages of other tests show: `tests/pages/cms` is what a CMS writes, `family_sites` a whole site of it.
SHOWN = {build.values[0]().family for build in builds()}
KINDS = ("page:", "code:", "html:", "doc:", "link:", "background:")


def broken(profile: SiteProfile) -> list[str]:
    """What of the contract a profile breaks, each fault in a few words."""
    evidence, faults = profile.evidence, []
    if not (profile.level and profile.region and profile.english):
        faults.append("level, region and an English name place it in the gazetteer")
    if profile.name_pinyin is None and re.search(r"[\u4e00-\u9fff]", profile.name) and profile.region[:2] == "CN":
        faults.append("a Chinese name has its pinyin")
    if not (evidence.seen and evidence.inferred and evidence.row):
        faults.append("seen, inferred and row say what it rests on")
    if evidence.row not in ROWS:
        faults.append("row is a heading of docs/survey.md")
    if evidence.seen and not evidence.seen.startswith(KINDS):
        faults.append("seen begins with its kind")
    if "guess" in f"{evidence.seen} {evidence.inferred}".lower():
        faults.append("a guessed domain is not shipped")
    if profile.family not in FAMILIES or (profile.family != "generic" and profile.family not in SHOWN):
        faults.append("a site of its family is shown")
    faults += [f"{url} is on its hosts" for url in _addresses(profile) if not on_site(canonical(url, profile), profile)]
    faults += [f"{url} looks like an article" for url in evidence.examples if not is_article(url, profile)]
    faults += [f"{url} looks like a listing" for url in _listings(profile) if is_article(url, profile)]
    if profile.status == "active" and profile.article_pattern is None:
        faults.append("an active site has article addresses")
    if profile.delay < 1 or profile.concurrency != 1:
        faults.append("one request at a time, a second apart")
    if profile.layouts and not (_holds(TESTS / "pages" / profile.id) and _holds(TESTS / "listings" / profile.id)):
        faults.append("selectors of its own have a saved article and a saved listing")
    return faults


def _listings(profile):
    return [profile.home, *(section.url for section in profile.sections)]


def _addresses(profile):
    return [*_listings(profile), *profile.evidence.examples]


def _holds(folder):
    return folder.is_dir() and any(folder.iterdir())


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_keeps_the_contract(profile):
    assert broken(profile) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"level": None}, "level, region"),
        ({"region": None}, "level, region"),
        ({"name_en": None}, "level, region"),
        ({"name_pinyin": None}, "has its pinyin"),
        ({"seen": None}, "seen, inferred and row"),
        ({"inferred": None}, "seen, inferred and row"),
        ({"row": None}, "seen, inferred and row"),
        ({"row": "elsewhere"}, "heading of docs/survey.md"),
        ({"seen": "an address"}, "begins with its kind"),
        ({"inferred": "the domain is a guess"}, "guessed domain"),
        ({"examples": ("http://www.qdcyzgh.cn/about.html",)}, "looks like an article"),
        ({"examples": ("http://elsewhere.example/news_1/1.html",)}, "is on its hosts"),
        ({"article_url": regex("/news_")}, ""),
        ({"article_url": regex("qdcyzgh")}, "looks like a listing"),
        ({"family": "generic"}, "an active site has article addresses"),
        ({"delay": 0.5}, "one request at a time"),
        ({"concurrency": 2}, "one request at a time"),
    ],
)
def test_a_broken_profile_is_told(change, fault):
    good = PROFILES["qdcyzgh"]
    told = {name: value for name, value in change.items() if hasattr(good.evidence, name)}
    others = {name: value for name, value in change.items() if name not in told}
    faults = broken(replace(good, evidence=replace(good.evidence, **told), **others))
    assert faults if fault else not faults
    assert any(fault in each for each in faults) or not fault


def test_selectors_without_saved_pages_are_told():
    layouts = PROFILES["media_nodong"].layouts
    assert layouts
    assert "selectors of its own have a saved article and a saved listing" in broken(
        replace(PROFILES["qdszgh"], layouts=layouts)
    )


def test_the_registry_covers_the_field():
    profiles = PROFILES.values()
    chinese = [one for one in profiles if one.region.startswith("CN") and one.level not in ("media", "international")]
    assert len(profiles) >= 60
    assert sum(one.status == "active" for one in profiles) >= 40
    assert len(chinese) >= 25
    assert sum(bool(one.evidence.examples) for one in profiles) >= 15
    assert {one.level for one in profiles} >= {
        "national",
        "provincial",
        "prefecture",
        "district",
        "industrial",
        "media",
    }
    assert all(one.reason for one in profiles if one.status != "active")


def test_a_host_belongs_to_one_site():
    owners: dict[str, str] = {}
    for profile in PROFILES.values():
        for host in profile.hosts:
            assert owners.setdefault(host, profile.id) == profile.id


def test_a_parent_is_above_and_no_circle():
    for profile in PROFILES.values():
        seen, above = {profile.id}, profile.parent
        while above is not None:
            assert above not in seen, profile.id
            seen.add(above)
            above = PROFILES[above].parent
