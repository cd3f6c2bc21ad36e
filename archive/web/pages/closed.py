"""Pages of Datasette that are closed."""

from archive.web.security import ROUTES

__all__ = ["ROUTES"]
