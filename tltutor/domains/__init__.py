"""Domains and pairs of domains: what transfer learning starts from."""

from tltutor.domains.coco import read_coco
from tltutor.domains.domain import Domain
from tltutor.domains.downloads import DiskFullError, DownloadError, UnsafeArchiveError, fetch
from tltutor.domains.folders import read_folder
from tltutor.domains.hashing import hashed_words
from tltutor.domains.leaks import Leaks, find_leaks, pair_leaks
from tltutor.domains.pair import DomainPair
from tltutor.domains.path import DomainPath
from tltutor.domains.printed import printed_digits, printed_letters
from tltutor.domains.reading import read_domain, read_pair
from tltutor.domains.registry import PAIRS, PairRecord, load_pair, pair_names
from tltutor.domains.sets import (
    BrokenSetError,
    MissingSetError,
    find_set,
    list_sets,
    verify,
)
from tltutor.domains.splits import split_domain, split_pair, split_rows
from tltutor.files import data_roots

__all__ = [
    "PAIRS",
    "BrokenSetError",
    "DiskFullError",
    "Domain",
    "DomainPair",
    "DomainPath",
    "DownloadError",
    "Leaks",
    "MissingSetError",
    "PairRecord",
    "UnsafeArchiveError",
    "data_roots",
    "fetch",
    "find_leaks",
    "find_set",
    "hashed_words",
    "list_sets",
    "load_pair",
    "pair_leaks",
    "pair_names",
    "printed_digits",
    "printed_letters",
    "read_coco",
    "read_domain",
    "read_folder",
    "read_pair",
    "split_domain",
    "split_pair",
    "split_rows",
    "verify",
]
