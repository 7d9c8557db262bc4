"""Formats shared by feeds: bytes in, rows with their place out."""
