"""The whole configuration: `appliance.yml`, environment and flags."""
