"""Any frame in, the same kind out: `atc`, and an adapter for each library's objects."""
