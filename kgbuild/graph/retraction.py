"""Documents that a person takes back: what she calls them in, the documents taken out."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from kgbuild.errors import UsageError
from kgbuild.graph.identity import refresh_identities
from kgbuild.graph.inference import refresh_inferences
from kgbuild.graph.manifest import identifiers, named
from kgbuild.graph.merge import retract
from kgbuild.graph.runs import describe_dataset, record_retraction
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology
from kgbuild.protocols import Store
from kgbuild.rdf.dataset import About


def take_back(
    store: Store, documents: Sequence[str], *, about: About, ontology: Ontology, iris: Iris
) -> tuple[str, ...]:
    """Take documents, given by URI, id or path, out of the store, and write that a run did so.

    The URIs of those taken; `about` is what the description of the data set says. UsageError, before
    anything is taken, where the store does not have one of them, or where a path may mean several.
    """
    started = datetime.now(UTC)
    known = identifiers(store)
    uris = tuple(dict.fromkeys(_document(each, known) for each in documents))
    refresh_inferences(store, ontology=ontology, iris=iris)
    for uri in uris:
        retract(store, uri, ontology=ontology, iris=iris)
    refresh_identities(store, ontology=ontology, iris=iris)
    record_retraction(store, uuid4().hex, uris, started=started, iris=iris)
    describe_dataset(store, about, iris=iris)
    return uris


def _document(term: str, known: Mapping[str, str]) -> str:
    """The one document of a store that a URI, id or path means."""
    found = named(term, known)
    if len(found) > 1:
        raise UsageError(f"{term} may be any of {', '.join(found)}; give the URI")
    if not found:
        near = difflib.get_close_matches(term, [*known, *known.values()], n=1)
        mend = f"did you mean {near[0]}?" if near else "see `kgbuild info --documents` for those that it has"
        raise UsageError(f"the store has no document {term}; {mend}")
    return found[0]
