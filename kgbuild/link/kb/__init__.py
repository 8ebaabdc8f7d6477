"""Building indexes: tables of a knowledge base enter; a folder that `LmdbIndex` opens leaves."""
