"""Sweeps: experiments run with all combinations of listed hyperparameters, and how these compare."""
