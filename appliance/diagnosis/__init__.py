"""What is suspicious in configuration though it is valid, and corrections of what is wrong."""
