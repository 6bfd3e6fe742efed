"""Mirrors, digests and file formats of the two image datasets; hands out arrays."""
