"""Readers of annotated data, one a format; each yields `Example`s and names file and line of a fault."""
