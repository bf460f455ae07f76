"""What every query language needs: deadlines, limits, steps."""
