"""Numerical methods behind the models: arrays in, arrays out, without models or series."""
