"""External forecasts: made elsewhere, read here."""
