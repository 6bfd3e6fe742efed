"""Piecewise-linear data and exact one-hidden-layer ReLU networks."""
