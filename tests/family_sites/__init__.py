"""Sites of every CMS family, written from what is known of its pages: nothing here knows the package that reads them.

Each module has a `build()` that returns a Built: pages by path, where a crawl begins, and what it must find.
"""
