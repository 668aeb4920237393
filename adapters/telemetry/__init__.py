"""Telemetry for operators: logs, metrics and traces."""
