"""Scrapy settings: a guest's manners first, and nothing running that we do not use.

The frontier is the scheduler, so Scrapy's own retries, redirects, cookies, caches, filters and robots.txt are off:
each of them would decide something about a URL that only the frontier may decide.
"""

from archive import __version__

BOT_NAME = "union-archive"
SPIDER_MODULES = ["crawler.spiders"]
SPIDER_LOADER_CLASS = "crawler.spiderloader.ProfileSpiderLoader"
SCHEDULER = "crawler.scheduler.FrontierScheduler"

USER_AGENT = f"union-archive/{__version__}"  # the scheduler adds the contact of archive.toml
DOWNLOAD_DELAY = 1.0  # the profile's delay, and robots.txt, say more
DOWNLOAD_DELAY_JITTER = 0.0  # a delay is a minimum
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 20 * 2**20
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
DNS_TIMEOUT = 20
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
DOWNLOAD_HANDLERS = {
    "http": "crawler.capture.CaptureHandler",
    "https": "crawler.capture.CaptureHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE = {"scrapy.extensions.corestats.CoreStats": 0, "scrapy.extensions.logcount.LogCount": 0}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
CONCURRENT_ITEMS = 1  # the spider yields nothing; Scrapy starts so many tasks for each response
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
FEED_EXPORT_ENCODING = "utf-8"
