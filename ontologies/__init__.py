"""The target schema and mappings in Turtle; a package, so that the wheel carries them."""
