"""`appliance version`: what is running."""

from __future__ import annotations

import json
import platform
import sqlite3

import click

from appliance import __version__


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def version(*, as_json: bool) -> None:
    """Print the version."""
    facts = {
        "version": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "platform": platform.platform(),
    }
    text = " ".join(f"{name} {value}" for name, value in facts.items() if name != "version")
    click.echo(json.dumps(facts) if as_json else f"appliance {__version__} ({text})")
