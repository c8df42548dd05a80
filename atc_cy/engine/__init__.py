"""What runs the kernels: prices checked once, then one symbol or many."""
