"""What was read, made into statements: values, checks, assembly and merging, all pure functions.

Extractions and links enter; `DocumentFacts`, and from them the merged graph's rows, leave.
"""
