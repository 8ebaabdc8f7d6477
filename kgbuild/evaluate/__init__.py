"""Scores on annotated data, each by the data set's own definition."""
