"""Double precision for the papers: the door that the analyses use."""

from detente.analysis.precision import double

__all__ = ["double"]
