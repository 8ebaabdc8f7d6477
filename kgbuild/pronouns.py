"""English pronouns that tell a sex or number, who speaks, or what they stand behind: for all resolvers."""

from __future__ import annotations

HE = frozenset({"he", "him", "his", "himself"})
SHE = frozenset({"she", "her", "hers", "herself"})
THEY = frozenset({"they", "them", "their", "theirs", "themselves"})
SPEAKING = frozenset({"i", "me", "my", "myself"})
RELATIVE = frozenset({"who", "whom", "whose", "which", "where"})
