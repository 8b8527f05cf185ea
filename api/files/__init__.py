"""Files in and out over HTTP: imports, exports and their streams."""
