"""Who is told until somebody takes care: acknowledgements, rotas, escalations, heartbeats."""
