"""From one signal to the others without configuration: traces, logs, metrics of a service."""
