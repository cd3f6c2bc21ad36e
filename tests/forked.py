"""Processes that are forked instead of started, with the interface of subprocess.Popen: no imports of their own.

Their modules run as in real ones, from `main`, with their session, pipes and limits. Real ones are started by
tests/test_pool.py, test_dask.py and test_crawl_dask.py, too, and by kills.py in tests/test_benchmarks.py.
"""

import faulthandler
import importlib
import os
import signal
import subprocess
import sys
import traceback
import warnings

MODULES = ("crawler.pooling.process", "crawler.afar.process")
_Popen = subprocess.Popen


def fork_them(obedient=False):
    """Have this process fork the processes of MODULES; obedient ones do what a page says (stand_in.py)."""
    for name in ("crawler.pooling.processes", "crawler.afar.work"):
        importlib.import_module(name).subprocess = Namespace(obedient)


class Namespace:
    """The module subprocess as one module of ours has it, that forks the processes of MODULES."""

    def __init__(self, obedient=False):
        self._kind = Obedient if obedient else Forked

    def Popen(self, command, **options):
        forks = command[1] == "-m" and command[2] in MODULES
        return (self._kind if forks else _Popen)(command, **options)

    def __getattr__(self, name):
        return getattr(subprocess, name)


class Forked(_Popen):
    """`[python, "-m", MODULE, ARGUMENT…]`, with stdin and stdout as pipes."""

    def _execute_child(self, args, *rest):
        source, sink = rest[9], rest[12]  # p2cread, c2pwrite
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of other threads: none is needed there
            self.pid = os.fork()
        if self.pid == 0:
            self._be(args[2:], source, sink)
        self._child_created = True
        self._close_pipe_fds(*rest[9:15])

    def _be(self, arguments, stdin, stdout):
        """Become the process. What the one that asked holds is closed, and nothing of it ended."""
        try:
            faulthandler.disable()
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                if callable(signal.getsignal(number)):
                    signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.dup2(stdin, 0)
            os.dup2(stdout, 1)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            sys.stdin = os.fdopen(0, "r", closefd=False)
            sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
            sys.argv = [*arguments]
            self._run(arguments[0])
            sys.stdout.flush()
        except SystemExit as ended:
            os._exit(ended.code or 0)
        except BaseException:  # noqa: BLE001 (nothing of the stack of whoever asked may go on here)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def _run(self, module):
        import readers

        readers.fork_them()
        importlib.import_module(module).main()


class Obedient(Forked):
    """One of `crawler.pooling.process` whose reader first does what the page says (pool_stand_in.py)."""

    def _run(self, module):
        if module == "crawler.pooling.process":
            import pool_stand_in

            importlib.import_module(module).read = pool_stand_in.obey
        super()._run(module)
