"""Formulas as people write them: read, typeset, evaluated, differentiated and proved equal for all sizes."""
