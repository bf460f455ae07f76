"""What holds alerts back: inhibition, time intervals, silences."""
