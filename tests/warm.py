"""What the server of tests' processes does once, and every process forked from it then has.

A real command does all this for itself: tests/test_archive_cli.py and test_benchmarks.py start some. Nothing here may
start a thread, open a database or install Twisted's reactor.
"""

import encodings.idna  # noqa: F401
import gc
import platform
from contextlib import suppress

import crawls  # noqa: F401
import readers  # noqa: F401
import scrapy.downloadermiddlewares.defaultheaders
import scrapy.extensions.corestats
import scrapy.extensions.logcount
import scrapy.logformatter
import scrapy.statscollectors  # noqa: F401
from scrapy.settings import Settings

import crawler.afar.process
import crawler.afar.work
import crawler.cli
import crawler.extraction
import crawler.pooling.process
import crawler.pooling.processes
import crawler.process
import crawler.scheduler
import crawler.settings
import crawler.spiderloader
import crawler.spiders.site
import crawler.watching  # noqa: F401
from archive.search import tokens
from crawler.registry import registry

with suppress(ImportError):  # an extra
    import distributed.cli.dask_scheduler
    import distributed.cli.dask_worker  # noqa: F401

    platform.uname().processor  # noqa: B018 (asks a process, once; a worker's children are to be its crawls alone)

registry()  # the package's profiles are read once a process
tokens.version()
Settings().setmodule("crawler.settings")
# A child need not look through what was here before it: that would only copy the server's pages.
gc.collect()
gc.freeze()
