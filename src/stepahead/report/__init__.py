"""Results for readers: the page, the figures, and data for other programs."""
