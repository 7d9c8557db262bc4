"""Reading texts: language, figures, dates, places, organisations, event types, and the days on which laws bind.

Text in, candidates with their spans out; pure functions that open no file but their own lexicons, so that they
run wherever a text is, the reading child included.
"""
