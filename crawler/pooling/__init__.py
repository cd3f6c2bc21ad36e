"""How a pool of reading processes works (crawler/pool.py): those of this machine, those of Dask, and what they do."""
