"""Crawls by the workers of a Dask cluster (`crawl --dask`), each of a site into a shard that is merged when it is done.

crawl (hands sites out, merges what comes back) → work (on a worker: keeps a process of ours for a site) → process
(crawls into the shard).
"""
