"""Evaluation of forecasts: from every origin, at every step, with an audit for look-ahead."""
