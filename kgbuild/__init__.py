"""kgbuild turns text into a knowledge graph with evidence for every triple."""

__version__ = "0.1.0"
