"""The live page: one server on the loopback address that answers while people argue."""
