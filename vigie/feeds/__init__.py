"""One module per feed: the folder is the list."""
