"""Sentences in, mentions, relations, attributes and coreference clusters out.

`encode` turns a document into windows of token ids, `network` reads them, `mentions` decodes the scores of
tags, `scoring` those of pairs and `coreference` those of antecedents, and `extractor` joins all of these
behind the `Extractor` seam.
"""
