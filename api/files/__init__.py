"""Files over HTTP: imports and exports, their parameters and refusals."""
