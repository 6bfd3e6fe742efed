"""Stated answers on one side, computed results on the other."""
