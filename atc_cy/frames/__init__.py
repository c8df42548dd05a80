"""`atc`, which takes and returns the containers of several libraries, and an adapter for each library."""
