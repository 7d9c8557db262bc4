"""Tests: fast ones first, then the real servers (marked `real`)."""
