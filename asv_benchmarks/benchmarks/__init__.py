"""What people call, measured from commit to commit: one class an entry point."""
