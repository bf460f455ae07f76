"""The durable queue of what is sent on to other servers."""
