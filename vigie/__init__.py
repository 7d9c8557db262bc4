"""Vigie: collect what publishers publish, build indicators, watch thresholds, publish, notify."""
