"""The toolkit of the query languages: text and positions, lexer, token stream, strings."""
