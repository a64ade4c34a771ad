"""Domains and pairs of domains: what transfer learning starts from."""

from tltutor.domains.domain import Domain, DomainPair
from tltutor.domains.printed import printed_digits, printed_letters
from tltutor.domains.registry import PAIRS, PairRecord, load_pair, pair_names

__all__ = ["PAIRS", "Domain", "DomainPair", "PairRecord", "load_pair", "pair_names", "printed_digits", "printed_letters"]
