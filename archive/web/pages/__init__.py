"""The pages of the reading room, one module each: its routes and what its template is given."""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

Handler = Callable[..., Awaitable[Any]]


def routes() -> list[tuple[str, Handler]]:
    """Return the ROUTES of every module here that has some: pairs of a pattern and who answers."""
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return [route for module in modules for route in getattr(module, "ROUTES", ())]
