"""Health: what of a site's runs, listings and pages becomes an incident, when it ends, and what is none."""

import re
from datetime import timedelta

import pytest
from health_rows import Site, pages

from archive.clock import stamp
from archive.health import Expectation, Read, open_incidents, severity, words
from archive.health.incidents import WARNINGS, Incident
from archive.health.words import KINDS


@pytest.fixture
def site():
    return Site()


def held(site):
    """The open incidents: section, kind."""
    return [(one.section, one.kind) for one in open_incidents(site.connection, site.id)]


def told(changes):
    return [words(one, "en") for one in changes.opened]


def settled(site, number=4, **shares):
    """A past: `number` visits that read five pages each."""
    for _ in range(number):
        assert site.visit([pages(5, **shares)]).opened == []
    return site


# Templates.


def test_a_changed_template_is_told_by_the_next_run(site):
    settled(site)
    changes = site.visit([pages(14, layout="generic")])
    assert told(changes)[0].startswith("layout changed on 2025-01-10: 0 of 14 pages matched layout 1; look at the page")
    assert words(changes.opened[0], "zh").startswith(
        "2025-01-10 版式改变：14 页中有 0 页符合版式 1；请用 union-archive"
    )
    assert (changes.opened[0].section, changes.opened[0].severity) == ("", "bad")
    # It goes on as the same incident, and its figures grow.
    assert site.visit([pages(6, layout="generic")]).opened == []
    (one,) = open_incidents(site.connection)
    assert (one.facts["pages"], one.facts["matched"], one.began_at) == (20, 0, "2025-01-10T00:00:00Z")
    assert one.seen_at > one.noticed_at


def test_a_few_pages_tell_nothing_and_two_runs_together_do(site):
    settled(site)
    assert site.visit([pages(2, layout="generic")]).opened == []
    assert site.visit([pages(3, layout="generic")]).opened[0].facts["pages"] == 5


def test_a_template_that_no_layout_knew_before_is_no_change(site):
    site.expect = Expectation()
    settled(site, layout="generic")
    assert site.visit([pages(20, layout="generic")]).opened == []


def test_a_site_with_layouts_that_none_of_its_pages_matches_fails_at_once(site):
    (said,) = told(site.visit([pages(30, layout="generic")]))
    assert "0 of 30 pages matched a layout of the profile" in said


def test_a_first_crawl_that_finds_old_templates_too_does_not_fail(site):
    assert site.visit([pages(30), pages(20, layout="generic")]).opened == []


def test_another_layout_that_reads_the_pages_is_no_change_and_mends_one(site):
    settled(site)
    assert site.visit([pages(14, layout="2")]).opened == []
    site.visit([pages(14, layout="generic")])
    assert held(site) == [("", "layout")]
    (over,) = site.visit([pages(6, layout="3")]).ended
    assert words(over, "en").endswith("matched layouts 1, 2 (over on 2025-01-12)")
    assert "union-archive" not in words(over, "en")


def test_one_good_page_does_not_end_it(site):
    settled(site).visit([pages(14, layout="generic")])
    site.visit([pages(1)])
    assert held(site) == [("", "layout")]
    assert len(site.visit([pages(5)]).ended) == 1


def test_a_template_that_is_read_again_is_no_change_of_what_was_read_before(site):
    for _ in range(4):
        site.visit([pages(5), pages(5, "基层")])
    broken = {"layout": "generic", "sourced": 0}
    assert len(site.visit([pages(6, **broken), pages(8, "基层", **broken)]).opened) == 1
    assert [one.kind for one in site.visit([pages(5, layout="2"), pages(1, "基层", layout="2")]).ended] == ["layout"]
    # The few new pages of a section stand beside those that no layout read, and one lacks a source by chance.
    for sourced in (0, 1, 1, 1, 1):
        assert site.visit([pages(1, "基层", layout="2", sourced=sourced)]).opened == []
    assert held(site) == []


def test_a_section_that_changed_is_told_where_others_are_as_they_were(site):
    for _ in range(4):
        site.visit([pages(5), pages(5, "基层")])
    changes = site.visit([pages(6, layout="generic"), pages(8, "基层")])
    assert told(changes)[0].startswith("要闻: layout changed on 2025-01-10: 0 of 6 pages matched layout 1")
    # When the other one changes as well it is the site's, and never both.
    changes = site.visit([pages(6, layout="generic"), pages(8, "基层", layout="generic")])
    assert changes.opened == changes.ended == []
    assert held(site) == [("", "layout")]
    # And one that is mended leaves the other.
    site.visit([pages(6), pages(8, "基层", layout="generic")])
    assert held(site) == [("基层", "layout")]


def test_small_sections_that_changed_together_are_the_site(site):
    names = [f"栏目{number}" for number in range(5)]
    for _ in range(4):
        site.visit([pages(3, name) for name in names])
    changes = site.visit([pages(2, name, layout="generic") for name in names])
    assert [(one.section, one.facts["pages"]) for one in changes.opened] == [("", 10)]


def test_a_changed_template_explains_what_is_missing_besides(site):
    settled(site)
    changes = site.visit([pages(12, layout="generic", dated=0, sourced=0, length=90), {**pages(8), "layout": ""}])
    assert [one.kind for one in changes.opened] == ["layout"]
    assert "0 of 20 pages matched layout 1, 8 gave no article" in told(changes)[0]


def read_of(site, number, layout):
    """What one run read, and the same as rows."""
    read = Read()
    read.sections["要闻"] = (number, number, number * (layout == "1"), *[number] * 6, number * 800)
    return {"pages": [pages(number, layout=layout)], "read": read, "days": 0.1}


def test_two_runs_of_one_day_are_told_apart_by_what_the_last_one_read(site):
    """Else pages that matched in the morning would hide that none does at noon."""
    site.visit(**read_of(site, 60, "1"))
    assert "0 of 14 pages matched layout 1" in told(site.visit(**read_of(site, 14, "generic")))[0]
    assert site.visit(**read_of(site, 6, "generic")).opened == []
    assert open_incidents(site.connection)[0].facts["pages"] == 20
    assert len(site.visit(**read_of(site, 6, "1")).ended) == 1


def test_without_that_the_next_day_tells_it(site):
    site.visit([pages(60)], days=0.1)
    assert site.visit([pages(14, layout="generic")]).opened == []
    assert "0 of 10 pages matched" in told(site.visit([pages(10, layout="generic")]))[0]


def test_what_a_run_reads_is_counted_as_readings_are(site):
    from filled import article

    from archive.readings import note_reading

    read = Read()
    some = [article(1, editors=("李晓",)), article(2, layout="generic", published_at=None), None]
    for one in some:
        read.note("要闻", one)
        note_reading(site.connection, site.id, "要闻", "2025-01-06", one, "new")
    from archive.health.strands import since

    assert read.sections == {"要闻": since(site.connection, site.id, ["要闻"], "2025-01-06")}
    assert read.sections["要闻"][:8] == (3, 2, 1, 1, 2, 0, 1, 0)


# Fields, lengths, characters.


def test_fields_that_are_missing_are_named_with_what_was_usual(site):
    settled(site, 20, illustrated=0.4)
    changes = site.visit([pages(14, dated=0, sourced=0, illustrated=0)])
    (said,) = told(changes)
    assert said.startswith("since 2025-01-26 0 of 14 pages have a date (before: 99%), 0 of 14 pages have a source")
    assert "images" not in said
    assert "14 页中 0 页有日期（此前 99%）" in words(changes.opened[0], "zh")
    assert changes.opened[0].severity == "warning"
    assert [one.kind for one in site.visit([pages(9)]).ended] == ["fields"]


def test_a_batch_without_authors_is_no_change(site):
    """Notices come together: the pages of one day are alike."""
    settled(site, 10, signed=0.9)
    assert site.visit([pages(8, signed=0)]).opened == []
    assert site.visit([pages(5, signed=0.9)]).opened == []


def test_a_day_of_notices_in_a_section_that_never_had_authors_is_no_change(site):
    for _ in range(8):
        site.visit([pages(10), pages(2, "公告", signed=0, sourced=0)])
    assert site.visit([pages(40, "公告", signed=0, sourced=0)]).opened == []


def test_what_is_no_longer_printed_becomes_usual(site):
    settled(site, 40)
    kinds = []
    for _ in range(120):
        changes = site.visit([pages(5, edited=0)])
        kinds += [("opened", one.kind) for one in changes.opened] + [("ended", one.kind) for one in changes.ended]
    assert kinds == [("opened", "fields"), ("ended", "fields")]


def test_texts_that_are_cut_short_are_told(site):
    for number in range(24):
        site.visit([pages(5, length=700 + 30 * (number % 7))])
    changes = site.visit([pages(6, length=60)])
    changes = changes if changes.opened else site.visit([pages(6, length=60)])
    assert "texts have 60 characters a page, before 78" in told(changes)[0]
    assert changes.opened[0].section == ""
    site.visit([pages(6, length=60)])
    assert [one.kind for one in site.visit([pages(6, length=800)]).ended] == ["length"]


def test_texts_of_any_length_are_no_change(site):
    for number in range(40):
        assert site.visit([pages(5, length=(90, 2500, 400)[number % 3])]).opened == []


def test_lost_characters_are_told(site):
    settled(site, 6)
    assert told(site.visit([pages(12, damaged=0.75)]))[0].startswith(
        "since 2025-01-12 9 of 12 articles have lost characters (before: 3%)"
    )


def test_pages_that_give_no_article_are_told(site):
    site.expect = Expectation()
    settled(site, 8, layout="generic")
    changes = site.visit([pages(2, layout="generic"), {**pages(9), "layout": ""}], failed=9)
    assert [one.kind for one in changes.opened] == ["unread"]
    assert told(changes)[0].startswith("since 2025-01-14 9 of 11 pages gave no article (before: 2%)")


# Runs.


@pytest.mark.parametrize("kind", ["blocked", "down", "robots", "waits", "nothing"])
def test_a_failing_run_is_told_at_once_and_ends_with_the_first_that_finished(site, kind):
    settled(site)
    site.failed("http://chengnan.example.org/", "http://chengnan.example.org/: HTTP 412", status=412, kind="home")
    changes = site.visit(outcome="failed", cause=kind, reason="blocked: HTTP 412, 3 times; left alone", looks={})
    (one,) = changes.opened
    assert (one.kind, one.section, one.began_at) == (kind, "", "2025-01-10T01:00:00Z")
    assert one.url == "http://chengnan.example.org/"
    assert site.visit(outcome="failed", cause=kind, reason="blocked: HTTP 412", looks={}).opened == []
    assert open_incidents(site.connection)[0].facts["visits"] == 2
    # A run that rests without having seen anything tells nothing.
    assert site.visit(outcome="interrupted", reason="quiet hours", looks={}, links=0).ended == []
    assert [one.kind for one in site.visit([pages(5)]).ended] == [kind]
    assert held(site) == []


def test_a_run_that_fails_otherwise_than_the_last_ends_one_and_opens_another(site):
    site.visit(outcome="failed", cause="down", looks={})
    changes = site.visit(outcome="failed", cause="blocked", looks={})
    assert ([one.kind for one in changes.opened], [one.kind for one in changes.ended]) == (["blocked"], ["down"])


def test_a_run_that_failed_for_no_known_cause_is_told(site):
    assert told(site.visit(outcome="failed", reason="KeyError: 'x'", looks={})) == [
        "the crawl fails since 2025-01-06: KeyError: 'x'; look at the page with union-archive review"
    ]


def test_a_full_disk_and_a_replay_are_no_fault_of_the_site(site):
    assert site.visit(outcome="failed", cause="archive", looks={}).opened == []
    assert site.visit(outcome="failed", options='{"replay": ["old.warc.gz"]}', looks={}).opened == []


def test_a_run_that_rested_after_seeing_the_site_ends_an_outage(site):
    site.visit(outcome="failed", cause="down", looks={})
    changes = site.visit([pages(40)], outcome="interrupted", reason="the day's budget is spent")
    assert [one.kind for one in changes.ended] == ["down"]


def test_a_first_crawl_that_is_not_through_is_not_compared_with_itself(site):
    for number in range(6):
        layout = "1" if number < 3 else "generic"
        assert site.visit([pages(100, layout=layout)], outcome="interrupted", reason="budget").opened == []


def test_requests_that_fail_far_more_than_before_are_told(site):
    for _ in range(8):
        site.visit([pages(20)], requests=30, failed=0)
    (said,) = told(site.visit([pages(20)], requests=30, failed=12))
    assert said.startswith("since 2025-01-14 12 of 30 requests failed (before: 1%)")
    assert [one.kind for one in site.visit([pages(20)], requests=30).ended] == ["errors"]


def test_a_dead_link_that_is_tried_each_day_is_no_alarm(site):
    for _ in range(40):
        assert site.visit(requests=6, failed=1).opened == []


# Listings.


def listing_site(site, names=("要闻", "基层", "公告")):
    for _ in range(3):
        site.visit([pages(2, name) for name in names])
    return site


def test_a_section_that_shows_no_article_any_more_is_told(site):
    listing_site(site)
    changes = site.visit(looks={"要闻": "read", "基层": "empty", "公告": "unchanged"})
    assert told(changes)[0].startswith("基层: its listing shows no article link since 2025-01-09; look at the page")
    site.visit(looks={"要闻": "read", "基层": "empty"})
    assert open_incidents(site.connection)[0].facts["looks"] == 2
    # A run that fails has not seen it; it is told still, with what the run tells.
    site.visit(outcome="failed", cause="down", looks={})
    assert held(site) == [("基层", "nothing"), ("", "down")]
    assert {one.kind for one in site.visit(looks={"基层": "read"}).ended} == {"nothing", "down"}


def test_a_section_that_never_showed_an_article_is_no_news(site):
    listing_site(site)
    assert site.visit(looks={"要闻": "read", "专题": "empty"}).opened == []


def test_nothing_new_is_no_failure(site):
    listing_site(site)
    for _ in range(20):
        assert site.visit(looks={"要闻": "unchanged", "基层": "read", "公告": "unchanged"}).opened == []


def test_all_sections_that_are_bad_are_the_site(site):
    listing_site(site)
    changes = site.visit(looks=dict.fromkeys(("要闻", "基层", "公告"), "empty"))
    assert [(one.section, one.kind, one.facts["sections"]) for one in changes.opened] == [("", "nothing", 3)]


def test_a_site_that_shows_nothing_is_told_once(site):
    listing_site(site)
    site.visit(looks={"要闻": "read", "基层": "empty"})
    site.visit(outcome="failed", cause="nothing", looks=dict.fromkeys(("要闻", "基层", "公告"), "empty"))
    assert held(site) == [("", "nothing")]


def test_a_listing_that_is_not_there_is_told_at_once_another_failure_when_it_lasts(site):
    listing_site(site)
    looks = {"要闻": "read", "基层": "failed", "公告": "read"}
    site.failed("http://chengnan.example.org/jc/", "http://chengnan.example.org/jc/: HTTP 404", section="基层")
    (one,) = site.visit(looks=looks, failed=1).opened
    assert words(one, "en") == (
        "基层: its listing cannot be read since 2025-01-09: http://chengnan.example.org/jc/: HTTP 404; "
        "see whether it has moved, and mend the profile"
    )
    other = listing_site(Site())
    other.failed("http://chengnan.example.org/jc/", "HTTP 500, 3 times", section="基层", status=500)
    assert other.visit(looks=looks, failed=1).opened == []
    assert [one.kind for one in other.visit(looks=looks, failed=1).opened] == ["listing"]


def test_a_later_look_of_the_same_day_is_the_one_that_counts(site):
    listing_site(site)
    site.visit(looks=dict.fromkeys(("要闻", "基层", "公告"), "read"), days=0.2)
    assert [
        (one.section, one.kind) for one in site.visit(looks={"要闻": "read", "基层": "empty"}, days=0.2).opened
    ] == [("基层", "nothing")]
    assert [one.kind for one in site.visit(looks={"基层": "read"}, days=0.2).ended] == ["nothing"]
    assert site.visit(looks={"基层": "unchanged"}).opened == []


def test_robots_may_forbid_a_section(site):
    listing_site(site)
    site.failed("http://chengnan.example.org/gg/", "robots.txt forbids it", section="公告", state="disallowed")
    (one,) = site.visit(looks={"要闻": "read", "公告": "disallowed"}, disallowed=1).opened
    assert words(one, "en") == (
        "公告: robots.txt forbids the listing since 2025-01-09; leave it out of the profile, or ask the site"
    )


def test_a_section_that_left_the_site_is_past(site):
    listing_site(site)
    site.visit(looks={"要闻": "read", "基层": "empty"})
    assert held(site) == [("基层", "nothing")]
    for _ in range(50):
        site.visit(looks={"要闻": "read"})
    assert held(site) == []


# Withdrawals.


def gone(site, number):
    """Articles found gone by the run that comes next."""
    for _ in range(number):
        uid = site.article("2025-01-01")
        moment = stamp(site.now + timedelta(minutes=1))
        site._insert("withdrawals", uid=uid, site=site.id, since=moment, seen_at=moment, how="HTTP 404")


def test_many_articles_gone_at_once_are_told_until_they_are_decided(site):
    gone(site, 12)
    changes = site.visit(articles_unchanged=5)
    assert told(changes)[0].startswith(
        "since 2025-01-06 12 articles are gone, of 17 that were looked for; none of them"
    )
    assert site.visit(articles_unchanged=60).ended == []
    site.connection.execute("UPDATE withdrawals SET confirmed_at = seen_at WHERE uid NOT LIKE '%1'")
    assert [one.kind for one in site.visit().ended] == ["vanished"]


@pytest.mark.parametrize(("number", "found"), [(9, 0), (12, 30)])
def test_a_few_withdrawals_are_no_alarm(site, number, found):
    gone(site, number)
    assert site.visit(articles_unchanged=found).opened == []


# Words.

FACTS = {
    "blocked": {"day": "2026-11-20", "visits": 2, "reason": "blocked: HTTP 412, a challenge; left alone"},
    "down": {"day": "2026-11-20", "visits": 1, "reason": "the site does not answer: timeout"},
    "robots": {"day": "2026-11-20", "visits": 1, "reason": "robots.txt: HTTP 503"},
    "waits": {"day": "2026-11-20", "visits": 1, "reason": "HTTP 429 asks to wait 3600 s; crawl again after that"},
    "nothing": {"day": "2026-11-20", "visits": 1, "reason": "", "error": "HTTP 404"},
    "failed": {"day": "2026-11-20", "visits": 1, "reason": "KeyError"},
    "listing": {"day": "2026-11-20", "looks": 2, "error": "HTTP 500"},
    "layout": {"day": "2026-11-20", "pages": 14, "matched": 0, "before": 0.98, "layout": "1", "unread": 0},
    "unread": {"day": "2026-11-20", "pages": 14, "unread": 9, "before": 0.98},
    "fields": {"day": "2026-11-20", "fields": [{"field": "date", "pages": 14, "with": 0, "before": 0.98}]},
    "length": {"day": "2026-11-20", "pages": 14, "characters": 60, "before": 800},
    "damaged": {"day": "2026-11-20", "pages": 14, "damaged": 9, "before": 1.0},
    "errors": {"day": "2026-11-20", "requests": 30, "failed": 12, "before": 0.01},
    "vanished": {"day": "2026-11-20", "gone": 12, "visited": 17},
    "silent": {"last": "2026-11-20", "days": 40, "longest": 9},
    "quiet": {"last": "2026-11-20", "days": 40, "longest": 9},
}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("section", ["", "要闻"])
def test_every_kind_has_words_in_both_languages(kind, section):
    one = Incident(1, "gh", section, kind, "2026-11-20T01:00:00Z", "", "", None, FACTS[kind], None, None)
    english, chinese = words(one, "en"), words(one, "zh")
    assert "2026-11-20" in english
    assert "2026-11-20" in chinese
    assert english.startswith("要闻: ") == chinese.startswith("栏目“要闻”：") == bool(section)
    assert "; " in english
    assert "；" in chinese
    assert not re.search("[一-龥]", english.removeprefix("要闻: "))
    assert "{" not in english + chinese


def test_the_kinds_that_do_not_make_a_site_fail():
    assert set(KINDS) == set(FACTS)
    assert {kind for kind in KINDS if severity(kind) == "warning"} == WARNINGS
    assert severity("layout") == severity("nothing") == severity("silent") == "bad"


def test_the_words_of_a_changed_layout():
    one = Incident(1, "gh", "", "layout", "", "", "", None, FACTS["layout"], None, None)
    assert words(one, "en").startswith("layout changed on 2026-11-20: 0 of 14 pages matched layout 1")
