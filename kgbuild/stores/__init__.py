"""Quad stores behind the seam `kgbuild.protocols.Store`: embedded Oxigraph, or a SPARQL 1.1 server."""
