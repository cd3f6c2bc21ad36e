"""The CMS families, one explicit table of them: a profile's `family` is a key of it."""

from __future__ import annotations

from crawler.families.base import Family
from crawler.families.generic import GenericFamily
from crawler.families.qingdao import QingdaoFamily
from crawler.families.workercn import WorkercnFamily

FAMILIES: dict[str, Family] = {family.name: family for family in (GenericFamily(), QingdaoFamily(), WorkercnFamily())}
