__all__ = ["supported"]

def supported() -> list[str]:
    """The CPU levels ("v2", "v3", "v4", or "portable") that can run here, the best one last."""
