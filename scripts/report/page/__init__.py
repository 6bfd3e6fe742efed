"""The page: results and verdicts, and how to say them."""
