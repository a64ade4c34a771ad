"""Domains and pairs of domains: what transfer learning starts from."""

from tltutor.domains.domain import Domain
from tltutor.domains.downloads import DiskFullError, DownloadError, UnsafeArchiveError, fetch
from tltutor.domains.folders import read_folder
from tltutor.domains.hashing import hashed_words
from tltutor.domains.pair import DomainPair
from tltutor.domains.printed import printed_digits, printed_letters
from tltutor.domains.registry import PAIRS, PairRecord, load_pair, pair_names
from tltutor.domains.sets import (
    BrokenSetError,
    MissingSetError,
    data_roots,
    find_set,
    list_sets,
    verify,
)

__all__ = [
    "PAIRS",
    "BrokenSetError",
    "DiskFullError",
    "Domain",
    "DomainPair",
    "DownloadError",
    "MissingSetError",
    "PairRecord",
    "UnsafeArchiveError",
    "data_roots",
    "fetch",
    "find_set",
    "hashed_words",
    "list_sets",
    "load_pair",
    "pair_names",
    "printed_digits",
    "printed_letters",
    "read_folder",
    "verify",
]
