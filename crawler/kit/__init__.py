"""The kit: looking at a site before it is crawled for good, and again when something may have changed.

Both commands crawl a little into a scratch archive, so that they are as polite as any crawl (robots.txt, delays, hosts,
addresses), and work with `--replay`.
"""
