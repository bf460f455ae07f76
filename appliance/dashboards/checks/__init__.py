"""What is wrong with a dashboard that can be read: its queries, variables and panels."""
