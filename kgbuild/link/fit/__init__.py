"""Fitting the ranker: `python -m kgbuild.link.fit`. Gold documents and an index enter; its file leaves."""
