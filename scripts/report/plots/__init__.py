"""The drawings: results and verdicts as figures and small pictures."""
