"""The one training loop, its seeded batches, and looks at the network that it trains."""

from tltutor.training.session import Session

__all__ = ["Session"]
