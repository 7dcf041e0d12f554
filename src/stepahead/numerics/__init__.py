"""What models stand on: arrays in, arrays out; nothing here knows a model or a series."""
