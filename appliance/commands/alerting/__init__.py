"""`appliance alerts`, `silence`, `notify` and `route`: what is asked of an Alertmanager."""
