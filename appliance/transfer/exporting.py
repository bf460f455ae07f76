"""One export: page after page from an origin into a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

from appliance.transfer.families import families_of
from appliance.transfer.pages import Pace, one_of, pages_of
from appliance.transfer.printer import MetricPrinter
from appliance.wire.exposition.print import print_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.transfer.families import Family
    from appliance.transfer.origins import Origin
    from appliance.transfer.pages import Page
    from appliance.wire.remote.read import ReadSeries

#: Families whose series are listed at once.
_FAMILIES = 100


@dataclass(slots=True)
class Exported:
    """How much has been written.

    Attributes:
        names, names_in_all: Of metrics that are done, and of all.
        histograms: Native histograms that were left out.
    """

    samples: int = 0
    series: int = 0
    histograms: int = 0
    names: int = 0
    names_in_all: int = 0


def export_all(
    origin: Origin,
    selectors: Sequence[tuple[Matcher, ...]],
    file: IO[bytes],
    *,
    progress: Callable[[Exported], None],
    pace: Pace | None = None,
) -> Exported:
    """Write everything selected, sorted by family, and `# EOF`.

    Args:
        selectors: Alternatives; none means everything.
        progress: Called after each page.
    """
    done, printer, pace = Exported(), MetricPrinter(), pace or Pace()
    families = families_of(origin.names(selectors), origin.metadata())
    done.names_in_all = sum(len(family.names) for family in families)
    for at in range(0, len(families), _FAMILIES):
        chosen = families[at : at + _FAMILIES]
        last = ""
        for page in _pages(origin, selectors, chosen, pace):
            answer = {one.labels: one for one in origin.read(page.matchers)}
            before = printer.samples
            for family, series in page.metrics:
                text = printer.print(family, _present(origin, answer, series))
                if text and family.name != last:
                    file.write(
                        print_header(family.name, family.metadata, openmetrics=True).encode()
                    )
                    last = family.name
                file.write(text)
            pace.note(len(page), printer.samples - before)
            done.samples, done.histograms = printer.samples, printer.histograms
            done.series += len(page)
            progress(done)
        done.names += sum(len(family.names) for family in chosen)
        progress(done)
    file.write(b"# EOF\n")
    return done


def _present(
    origin: Origin, answer: dict[Labels, ReadSeries], series: Sequence[Labels]
) -> list[ReadSeries]:
    """What was answered of some series, under their own labels."""
    pairs = ((labels, answer.get(origin.answered(labels))) for labels in series)
    return [replace(found, labels=labels) for labels, found in pairs if found is not None]


def _pages(
    origin: Origin,
    selectors: Sequence[tuple[Matcher, ...]],
    families: Sequence[Family],
    pace: Pace,
) -> Iterator[Page]:
    by_name = {name: family for family in families for name in family.names}
    named = one_of("__name__", sorted(by_name))
    narrowed = [(*matchers, named) for matchers in selectors or [()]]
    return pages_of(by_name, origin.series(narrowed), pace)
