"""How pets change: changes, changesets, the recorder that writes them, drafts, merge and undo."""
