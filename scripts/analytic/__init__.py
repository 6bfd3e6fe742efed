"""The calculus of the analytic problems, derived symbolically and checked by independent routes."""
