"""Measures ONUs as their OLT tells of them: registration, light, distance, logical links."""
