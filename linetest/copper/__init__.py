"""Sweeps of copper pairs in, crosstalk readings out."""
