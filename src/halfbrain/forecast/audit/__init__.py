"""The audit of the text of 2022: each product, quotient, ratio and conversion, recomputed."""
