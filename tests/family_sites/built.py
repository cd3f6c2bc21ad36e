"""Every family site that there is, and all of them served at once."""

import importlib
import pkgutil
from contextlib import ExitStack, contextmanager

import pytest
from local_server import LocalSite

import family_sites

_NOT_SITES = ("stories", "built", "worldwide")


def builds():
    """Each `build…` function of each module, as a pytest parameter."""
    found = []
    for name in sorted(module.name for module in pkgutil.iter_modules(family_sites.__path__)):
        if name not in _NOT_SITES:
            module = importlib.import_module(f"family_sites.{name}")
            functions = [each for each in dir(module) if each == "build" or each.startswith("build_")]
            found += [pytest.param(getattr(module, each), id=f"{name}-{each}") for each in functions]
    return found


def name_of(parameter):
    """The site's id in a profile."""
    return parameter.id.replace("-", "_")


def home_page(built):
    """A home page that leads to the site's one section."""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>青禾市总工会</title></head><body><div class="nav">'
        f'<a href="/">首页</a> <a href="{built.listing}">{built.section}</a></div></body></html>'
    ).encode()


@contextmanager
def served(parameters):
    """Serve the site of every parameter; yield the Built and the LocalSite of each, by id."""
    with ExitStack() as stack:
        sites = {}
        for parameter in parameters:
            built = parameter.values[0]()
            site = stack.enter_context(LocalSite())
            site.pages |= built.pages
            if built.listing:
                site.pages.setdefault("/", home_page(built))
            sites[name_of(parameter)] = (built, site)
        yield sites


def profile_of(built, site):
    """The profile of a built site, with nothing that its family supplies."""
    section = f'[[section]]\nname = "{built.section}"\nurl = "{site.url}{built.listing}"\n' if built.listing else ""
    return (
        f'name = "本地工会"\nhome = "{site.url}/"\nhosts = ["{site.host}:{site.port}"]\nfamily = "{built.family}"\n'
        f'delay = 0\nconcurrency = 4\n{built.profile}\n[evidence]\nseen = "written for a test"\n{section}'
    )
