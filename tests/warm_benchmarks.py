"""The programs of benchmarks/ in this process; what they start is forked from the server of tests' processes.

Most of a benchmark with tiny numbers would be the imports of what it starts. `kills.py` in tests/test_benchmarks.py
and the crawls with other code in tests/test_benchmarks_visits.py start theirs as a person would.
"""

import importlib
import importlib.util
import io
import os
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import processes
import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
#: Seconds after which a program that is measured hangs, and is killed.
PATIENCE = 120.0
#: Modules that start programs by `subprocess.Popen`, and those that have them measured.
STARTING = ("serving", "exporting", "watch")
MEASURING = ("crawl", "side_by_side", "visits_archive")


def run(program, *arguments, status=0):
    """What a benchmark prints; it must end with this exit status."""
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(io.StringIO()) as printed:
        patched.syspath_prepend(str(BENCHMARKS))
        for name in STARTING:
            patched.setattr(importlib.import_module(name), "subprocess", _SUBPROCESS)
        for name in MEASURING:
            patched.setattr(importlib.import_module(name), "measure", measure)
        patched.setattr(sys, "argv", [program, *arguments])
        ended = 0
        try:
            _loaded(program).main()
        except SystemExit as exit_:
            ended = exit_.code if exit_.code is None or isinstance(exit_.code, int) else str(exit_.code)
    assert (ended or 0) == status, f"{printed.getvalue()}\n{ended}"
    return printed.getvalue()


def _loaded(program):
    """A benchmark's module; under another name where tests have one of that name."""
    name, path = program.removesuffix(".py"), BENCHMARKS / program
    known = sys.modules.get(name)
    if known is None or Path(known.__file__) == path:
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(command, log, *, root=None, **variables):
    """Run a program to its end as `measuring.measure` does; packages elsewhere than here have to be imported anew."""
    import measuring

    if root not in (None, measuring.ROOT):
        return measuring.measure(command, log, root=root, **variables)
    with tempfile.TemporaryDirectory() as scratch:
        used = Path(scratch) / "used"
        started, peak = time.monotonic(), 0
        process = processes.start(_program, _arguments(command), None, str(used), **measuring.environment(**variables))
        while process.poll() is None:
            peak = max(peak, sum(map(measuring.resident, measuring.process_tree(process.pid))))
            time.sleep(0.02)
            if time.monotonic() - started > PATIENCE:
                process.kill_group()
        ended = time.monotonic()
        cpu = float(used.read_text()) if used.exists() else 0.0
    return measuring.Measured(started, ended, cpu, peak, process.returncode, "".join(process.communicate()))


class Popen:
    """The part of subprocess.Popen's interface that benchmarks use, for a forked program."""

    def __init__(self, command, *, stdout, env, **_):
        out = None if stdout == subprocess.PIPE else _path(stdout)
        self._process = processes.start(_program, _arguments(command), out, None, **env)
        self.pid = self._process.pid

    @property
    def returncode(self):
        return self._process.returncode

    def poll(self):
        return self._process.poll()

    def communicate(self, timeout=None):
        return "".join(self._process.communicate(timeout)), None

    def wait(self, timeout=None):
        self.communicate(timeout)
        return self.returncode

    def send_signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        self._process.kill_group()


_SUBPROCESS = SimpleNamespace(
    Popen=Popen,
    PIPE=subprocess.PIPE,
    STDOUT=subprocess.STDOUT,
    DEVNULL=subprocess.DEVNULL,
    TimeoutExpired=subprocess.TimeoutExpired,
)


def _path(file):
    """A path by which a child opens our file, or its own of that name where we close ours at once."""
    ours = Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
    name = ours.readlink()
    return str(name if name.exists() else ours)


def _arguments(command):
    """What follows the interpreter in a command line."""
    assert command[0] == sys.executable, command
    return [str(one) for one in command[1:]]


def _program(arguments, out, used):
    """Be the program, in a process of its own: print to the file `out`, write the CPU seconds it took to `used`."""
    if out is not None:
        descriptor = os.open(out, os.O_WRONLY | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
    sys.stdout.reconfigure(line_buffering=True)
    try:
        if arguments[:2] == ["-m", "crawler.cli"]:
            processes.command(*arguments[2:])
        else:
            sys.path.insert(0, str(Path(arguments[0]).parent))
            sys.argv = arguments
            runpy.run_path(arguments[0], run_name="__main__")
    finally:
        if used is not None:
            taken = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
            Path(used).write_text(str(sum(one.ru_utime + one.ru_stime for one in taken)))
