"""From files, wherever they lie, to documents."""
