"""Go's html/template: templates whose values are escaped by where they stand."""
