"""The CMS families, one explicit table of them: a profile's `family` is a key of it.

The order is that in which `detect` asks them: those with the surest signs come first.
"""

from __future__ import annotations

from crawler.families.acftu_jsp import AcftuJspFamily
from crawler.families.base import Family
from crawler.families.dedecms import DedecmsFamily
from crawler.families.drupal import DrupalFamily
from crawler.families.founder import FounderFamily
from crawler.families.generic import GenericFamily
from crawler.families.hanweb import HanwebFamily
from crawler.families.joomla import JoomlaFamily
from crawler.families.jpaas import JpaasFamily
from crawler.families.people import PeopleFamily
from crawler.families.phpcms import PhpcmsFamily
from crawler.families.post import PostFamily
from crawler.families.powereasy import PowereasyFamily
from crawler.families.qingdao import QingdaoFamily
from crawler.families.spip import SpipFamily
from crawler.families.trs import TrsFamily
from crawler.families.vsb import VsbFamily
from crawler.families.wordpress import WordpressFamily
from crawler.families.workercn import WorkercnFamily
from crawler.families.xpressengine import XpressengineFamily

_TABLE: tuple[Family, ...] = (
    WorkercnFamily(),
    QingdaoFamily(),
    JpaasFamily(),
    HanwebFamily(),
    PostFamily(),
    VsbFamily(),
    TrsFamily(),
    PeopleFamily(),
    FounderFamily(),
    AcftuJspFamily(),
    PowereasyFamily(),
    PhpcmsFamily(),
    DedecmsFamily(),
    WordpressFamily(),
    DrupalFamily(),
    SpipFamily(),
    XpressengineFamily(),
    JoomlaFamily(),
    GenericFamily(),
)
FAMILIES: dict[str, Family] = {family.name: family for family in _TABLE}
#: Characters of a page that are looked at: signs stand in addresses, heads, scripts and around the text.
MOST = 400_000


def detect(html: str, url: str) -> str:
    """Return the name of the family whose signs a page shows, `generic` where it shows none.

    `url` is the page's address, `html` its decoded markup. An address tells more than markup, which is copied from
    site to site, so all addresses are asked first; both in the order of the table of families.
    """
    for family in FAMILIES.values():
        if family.url_signs is not None and family.url_signs.search(url):
            return family.name
    for family in FAMILIES.values():
        if family.html_signs is not None and family.html_signs.search(html[:MOST]):
            return family.name
    return "generic"
