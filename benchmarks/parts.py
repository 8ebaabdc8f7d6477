"""The parts of a benchmark: those that its command line names, or all, one after the other."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

Part = Callable[[argparse.Namespace, Path], None]
"""Measures something with the options of the command line, in an empty folder."""


def run_parts(parser: argparse.ArgumentParser, parts: Mapping[str, Part]) -> None:
    """Run the parts by name; the parser refuses a name that there is not."""
    parser.add_argument("parts", nargs="*", default=[*parts], metavar="|".join(parts))
    options = parser.parse_args()
    unknown = [name for name in options.parts if name not in parts]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(parts)}")
    for name in options.parts:
        with tempfile.TemporaryDirectory() as folder:
            parts[name](options, Path(folder))
