"""English pronouns that tell a sex, who speaks, or what they stand behind, for all that resolves them."""

from __future__ import annotations

HE = frozenset({"he", "him", "his", "himself"})
SHE = frozenset({"she", "her", "hers", "herself"})
SPEAKING = frozenset({"i", "me", "my", "myself"})
RELATIVE = frozenset({"who", "whom", "whose", "which", "where"})
