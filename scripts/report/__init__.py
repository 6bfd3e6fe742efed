"""Results and verdicts, said and drawn in one HTML page."""
