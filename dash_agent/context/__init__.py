"""The analysts' files and the live database, read into one catalogue. One module a layer; `catalog` assembles."""
