"""When would a rule have fired, and who would have been told: on stored data."""
