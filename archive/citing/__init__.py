"""How to cite an article: GB/T 7714, BibTeX, RIS, CSL-JSON, each with the capture's time and digest.

An exported article and a `Cited` become a `Reference` (reference.py), which each format writes in its own way.
"""

from archive.citing.formats import bibtex, csl, csl_json, ris
from archive.citing.reference import Cited
from archive.citing.standard import Edition, gbt7714
from archive.citing.writers import FORMATS, Citer, Writer, citer, site_names, writers

__all__ = [
    "FORMATS",
    "Cited",
    "Citer",
    "Edition",
    "Writer",
    "bibtex",
    "citer",
    "csl",
    "csl_json",
    "gbt7714",
    "ris",
    "site_names",
    "writers",
]
