"""The logs page's data: queries from plain words, rows, fields of lines, downloads."""
