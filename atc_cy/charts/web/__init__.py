"""The page's own script and style, and the library that draws: no code of Python."""
