"""The linker's ranker, fitted by `python -m kgbuild.train.ranker` on gold documents and an index."""
