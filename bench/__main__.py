"""`python -m bench NAME`: run one benchmark.

python -m bench startup              start-up time, idle memory, `--help`
python -m bench ingest               scrape, log push and OTLP through the real process
python -m bench metrics              the same data and queries through ours and a real Prometheus
python -m bench promql_kernels       functions over ranges alone
python -m bench.metrics_store        the metrics store alone (likewise logs_store, traces_store,
                                     alerts_store)
python -m bench logs                 pushes by each protocol, bytes on disk, ten queries over HTTP
python -m bench logql                LogQL over sealed chunks of the log store
python -m bench logql_stages         parsers, filters and other stages of LogQL alone
python -m bench traces               pushes over gRPC and HTTP, bytes on disk, queries over HTTP
python -m bench alert_storm          10,000 alerts at once, through ours and a real Alertmanager
python -m bench tail                 from a file into the store, with and without stages
python -m bench large_store          files of several GB: open, query, prune half under load
python -m bench charts               50 series of 2,000 points in headless Chromium
python -m bench pages                every page and what its scripts ask for, on a large store
python -m bench install WHEEL        from a built wheel to the first answer
python -m bench screenshots          pictures of every page, with the data of the demo
python -m bench waterfall            pages of traces of 5,000 and 100,000 spans, likewise
python -m bench.conformance DIR      conformance scores with the tools in DIR
"""

from __future__ import annotations

import argparse
import importlib
import sys

NAMES = (
    "startup",
    "ingest",
    "metrics",
    "metrics_store",
    "promql_kernels",
    "logs",
    "logs_store",
    "tail",
    "logql",
    "logql_stages",
    "traces",
    "traces_store",
    "alerts_store",
    "alert_storm",
    "large_store",
    "charts",
    "pages",
    "install",
    "screenshots",
    "waterfall",
    "conformance",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    module = importlib.import_module(f"bench.{chosen.name}")
    sys.argv = [f"bench {chosen.name}", *chosen.rest]
    module.main()


main()
