"""The few methods that SQL does not hold: optimisation, ranks over draws, time series. Pure functions.

Each takes and gives arrays or plain records, reads no file and no clock: the dbt models and `vigie lab`
call the very same ones.
"""


class ScienceError(Exception):
    """Inputs on which a method has no meaning; the French sentence says which and what to do."""
