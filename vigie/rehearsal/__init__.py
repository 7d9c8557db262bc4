"""A crisis of the sector played again on a clock that leaps, by the servers and the code that work every day."""
