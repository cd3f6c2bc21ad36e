"""Bare Scrapy: follows the listings and downloads the articles; nothing is read out of them, nothing is stored."""

import argparse
import re

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

from crawler import settings as ours

ARTICLE = re.compile(rb'href="(/news/\d+\.html)"')
NEXT = re.compile('href="([^"]+)">下一页<'.encode())


def settings(concurrency: int) -> dict[str, object]:
    """Return the settings of the pipeline that mean something to another spider; the rest is as Scrapy ships."""
    return {
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "USER_AGENT": ours.USER_AGENT,
        "DEFAULT_REQUEST_HEADERS": ours.DEFAULT_REQUEST_HEADERS,
        "DOWNLOAD_TIMEOUT": ours.DOWNLOAD_TIMEOUT,
        "DOWNLOAD_MAXSIZE": ours.DOWNLOAD_MAXSIZE,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }


class BareSpider(scrapy.Spider):
    """Counts the articles it gets. The links of a listing are found by a regular expression, the cheapest way."""

    name = "bare"

    def __init__(self, home: str):
        super().__init__()
        self.start_urls = [f"{home}list/"]
        self.articles = 0

    def parse(self, response):
        """Follow a listing: its articles, then its next page."""
        for path in dict.fromkeys(ARTICLE.findall(response.body)):
            yield scrapy.Request(response.urljoin(path.decode()), self.article, priority=1)
        if found := NEXT.search(response.body):
            yield scrapy.Request(response.urljoin(found[1].decode()), self.parse)

    def article(self, response):
        """Count an article."""
        self.articles += response.status == 200


def crawl(spider: type[scrapy.Spider], concurrency: int, more: dict[str, object], **arguments: object) -> scrapy.Spider:
    """Run a spider to its end; return it."""
    process = AsyncCrawlerProcess({**settings(concurrency), **more})
    crawler = process.create_crawler(spider)
    process.crawl(crawler, **arguments)
    process.start()
    return crawler.spider


def main() -> None:
    """Run as the contender's process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", help="address of the site, with its slash")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--stripped", action="store_true", help="without the middlewares that the pipeline has not")
    options = parser.parse_args()
    names = ("DOWNLOADER_MIDDLEWARES_BASE", "SPIDER_MIDDLEWARES_BASE", "EXTENSIONS_BASE")
    more = {name: getattr(ours, name) for name in names} if options.stripped else {}
    spider = crawl(BareSpider, options.concurrency, more, home=options.home)
    print(f"{spider.articles} articles")


if __name__ == "__main__":
    main()
