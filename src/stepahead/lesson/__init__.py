"""The note as a page to play with: one file, offline, in English or Chinese."""
