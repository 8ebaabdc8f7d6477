"""Linking: mentions enter; a knowledge base's entity for each, or the decision that it has none, leaves."""
