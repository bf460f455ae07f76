"""Generated protobuf messages of our own; the `.proto` files beside them are the source.

To regenerate, use the oldest protoc whose output the oldest supported protobuf runtime (5.29)
accepts, from the repository's root::

    python -m pip install grpcio-tools==1.70.0
    python -m grpc_tools.protoc -I . --python_out=. --pyi_out=. appliance/wire/messages/*.proto

Messages of OpenTelemetry that these refer to come from the installed package: protoc gets them with
`--descriptor_set_in`, a file that holds the FileDescriptorSet of `trace_pb2.DESCRIPTOR` and of what
it depends on.
"""
