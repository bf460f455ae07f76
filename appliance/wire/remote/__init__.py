"""Prometheus' remote protocols: write 1 and 2, read (Prometheus, "Remote-Write specification").

Known series are recognised by their label bytes as they stand on the wire, so that no label is
decoded twice; protobuf objects are made only for what is unusual.
"""
