"""The command that needs no store: JSON lines in, what is read in each of them out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Annotated

import typer

from kgbuild.cli.options import ConfigOption, settings
from kgbuild.errors import SourceError


def extract(
    file: Annotated[str, typer.Argument(help='File of JSON lines {"id", "text"}; "-" is standard input.')],
    config: ConfigOption = None,
) -> None:
    """Read texts without a store.

    JSON lines in; their mentions, relations and attributes out.
    """
    chosen = settings(config)
    with _lines(file) as given:
        import msgspec

        from kgbuild import wiring
        from kgbuild.cli import lines, progress

        reader = wiring.text_reader(chosen)
        encoder = msgspec.json.Encoder()
        with progress.bar("loading the model", hide=sys.stdout.isatty()) as advance:
            for line in lines.parse(given, file):
                read = reader.extract(lines.document(line))
                output = lines.render(line, read, reader.link(read), reader.target.ontology)
                sys.stdout.buffer.write(encoder.encode(output) + b"\n")
                sys.stdout.buffer.flush()
                advance(1, None)


@contextmanager
def _lines(file: str) -> Iterator[IO[bytes]]:
    """The file, or standard input for "-"."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        opened = open(file, "rb")  # noqa: SIM115, PTH123 - opening alone is what may fail here
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror}; name a file of JSON lines") from error
    with opened:
        yield opened
