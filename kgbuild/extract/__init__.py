"""Sentences in, mentions, relations, attributes and coreference clusters out.

`encode` turns a document into windows of token ids, `network` scores them, `decode` turns scores
into records, and `extractor` joins the three behind the `Extractor` seam.
"""
