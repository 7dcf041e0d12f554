"""The report: one offline page that shows how far each model can be trusted."""
