"""How one notification is delivered: decided on, attempted again and again, recorded."""
