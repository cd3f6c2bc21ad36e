"""A Dask cluster (extra `dask`): its client, and what is said where it is not there, cannot do something, has gone."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from archive.errors import ArchiveError

#: What is raised when the scheduler has gone: OSError is what Dask's CommClosedError and its time-outs are.
GONE = (CancelledError, OSError)
_CLOSE_SECONDS = 2.0


class Cluster:
    """The workers of one scheduler. Raises ArchiveError where it, or a first worker, does not answer."""

    def __init__(self, address: str, wait: float = 10.0) -> None:
        self.address = address
        self._dask = _import()
        self.client = self._connect(wait)

    @property
    def threads(self) -> int:
        """How many tasks the workers do side by side."""
        threads: dict[str, int] = self.asked(self.client.nthreads)
        return max(1, sum(threads.values()))

    def close(self, last: Callable[[], Any]) -> None:
        """Leave the cluster; `last` is what is asked of it before, if it is still there."""
        client, self.client = self.client, None
        if client is None:
            return
        try:
            if client.status == "running":
                last()
        except GONE:
            pass  # whoever asked for something was told
        finally:
            client.close(timeout=_CLOSE_SECONDS)

    def asked(self, ask: Callable[[], Any]) -> Any:
        """Ask something of the cluster. Raises ArchiveError when it is gone, or cannot do it."""
        try:
            return ask()
        except ArchiveError:
            raise
        except self._dask.KilledWorker as error:
            raise ArchiveError(
                f"{self.address}: workers of Dask ended over and over ({_line(error)}); give them more memory"
            ) from error
        except GONE as error:
            raise ArchiveError(
                f"{self.address}: the Dask scheduler is gone ({_line(error)}); start it and run this again"
            ) from error
        except (ImportError, RuntimeError) as error:
            raise ArchiveError(
                f"{self.address}: the Dask cluster cannot do this ({_line(error)}); "
                "install the same union-archive with its extra `dask` for the scheduler and its workers"
            ) from error

    def _connect(self, wait: float) -> Any:
        """Return a client of the scheduler once a worker is there."""
        for name in ("distributed", "distributed.client", "distributed.core"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost scheduler is told in one line, by us
        try:
            client = self._dask.Client(self.address, timeout=wait, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ArchiveError(
                f"{self.address}: no Dask scheduler answers ({_line(error)}); start one with `dask scheduler`, "
                "or leave --dask out"
            ) from error
        try:
            client.wait_for_workers(1, timeout=wait)
        except TimeoutError as error:
            client.close(timeout=_CLOSE_SECONDS)
            raise ArchiveError(
                f"{self.address}: the Dask scheduler has no worker; start some with `dask worker {self.address}`"
            ) from error
        return client


def _import() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise ArchiveError(
            f"--dask needs the package `distributed` ({error}); install union-news-archive[dask]"
        ) from error


def _line(error: BaseException) -> str:
    """Return what an error says, in one line, shortened."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= 200 else said[:199] + "…"
