"""SHACL shapes: what a graph must look like, made from the ontology and written by hand.

In go an ontology, a Turtle file of shapes and the quads of a small graph; out come validation
results. pySHACL is the engine, and only the shapes that can apply to the quads are run.
"""

from kgbuild.shapes.load import Shapes, load_shapes

__all__ = ["Shapes", "load_shapes"]
