"""Correctness checks, one short module per page."""
