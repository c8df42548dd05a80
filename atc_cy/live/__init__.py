"""Live feeds: the indicator bar by bar, for one symbol or many, and their saved states."""
