"""Go's text/template: the language of alerting rules' annotations and of notifications."""
