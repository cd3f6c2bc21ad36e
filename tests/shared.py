"""What is made once for all processes of a test run: `pytest -n` gives each of them tests of the same file."""

import fcntl
import os
import pickle

#: Set in the processes of pytest-xdist; each has a folder of its own in one that they share.
_ONE_OF_SEVERAL = "PYTEST_XDIST_WORKER"


def once(factory, name, make):
    """What `make(directory)` gives, and could be pickled, from whichever process came first; the others wait for it.

    `factory` is tmp_path_factory; the directory stays until all have ended. Where making it fails, each tries itself.
    """
    base = factory.getbasetemp()
    root = (base.parent if _ONE_OF_SEVERAL in os.environ else base) / f"once-{name}"
    root.mkdir(exist_ok=True)
    made, directory = root / "made", root / f"by-{os.getpid()}"
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            directory.mkdir()
            made.write_bytes(pickle.dumps(make(directory)))
        return pickle.loads(made.read_bytes())
