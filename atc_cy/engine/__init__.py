"""Runs the kernels: checks prices once, then computes one symbol or many."""
