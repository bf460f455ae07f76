// What is stored, beside the panels: a click puts a fitting query into the panel that was used last.
import { useMemo, useState } from "preact/hooks";
import { get } from "../../data/api";
import { count } from "../../data/format";
import { type Family, type Group, grouped, queryFor } from "../../data/metric_query";
import { useLoad } from "../../parts/hooks";
import { Icon } from "../../parts/icon";

const LIMIT = 300;
/** What servers say of themselves: there, but folded. */
const OWN = /^(appliance|prometheus|alertmanager|loki|tempo|scrape|go|net)[_.]$/;

interface Found {
  total: number;
  found: number;
  metrics: Family[];
}

type Choose = (family: Family, isPlain: boolean) => void;

/** A long name may break after its words. */
function breakable(name: string) {
  return name.split(/(?<=[_.:])/).flatMap((part, i) => (i ? [<wbr key={i} />, part] : [part]));
}

export function MetricList({ onChoose }: { onChoose: (expr: string) => void }) {
  const [search, setSearch] = useState("");
  const [isOpen, setOpen] = useState(false);
  const { data, error } = useLoad((signal) => get<Found>("/api/ui/metrics", { search, limit: LIMIT }, signal), [search]);
  const groups = useMemo(() => grouped(data?.metrics ?? []), [data]);
  const choose: Choose = (family, isPlain) => {
    setOpen(false);
    onChoose(isPlain ? queryFor({ ...family, type: "" }) : queryFor(family));
  };
  return (
    <aside class="metric-list panel" aria-label="Stored metrics" data-open={isOpen || undefined}>
      <button type="button" class="tool metric-list-open" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="metrics" />
        {data ? `${count(data.total)} metrics` : "Metrics"}
        <Icon name="down" />
      </button>
      <div class="metric-list-body">
        <input class="input" type="search" placeholder="Search metrics" aria-label="Search metrics" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
        <p class="metric-list-note" role="status">
          {error ?? (data ? `${count(data.found)} of ${count(data.total)}` : "…")}
          <a href="/metrics/cardinality">Cardinality</a>
        </p>
        <div class="metric-groups">
          {groups.map((group, i) => (
            <Names key={`${i} ${group.prefix} ${search ? "found" : ""}`} group={group} isFolded={!search && OWN.test(group.prefix)} onChoose={choose} />
          ))}
          {data && data.found > data.metrics.length ? <p class="metric-list-note">The first {data.metrics.length} are listed; type to narrow down.</p> : null}
          {data && !data.found ? <p class="metric-list-note">{data.total ? "No metric has this in its name or help." : "Nothing is stored yet."}</p> : null}
        </div>
      </div>
    </aside>
  );
}

function Names({ group: { prefix, families }, isFolded, onChoose }: { group: Group; isFolded: boolean; onChoose: Choose }) {
  const rows = (
    <ul>
      {families.map((family) => (
        <li key={family.name}>
          <button type="button" data-row title={`${family.name}\n${family.help || "No help is known."}${family.unit ? `\nUnit: ${family.unit}` : ""}\nAlt-click: as it is`} onClick={(event) => onChoose(family, event.altKey)}>
            <span class="metric-name">
              {prefix ? <span class="hidden-text">{prefix}</span> : null}
              {breakable(family.name.slice(prefix.length))}
            </span>
            <span class="metric-facts">
              {family.type ? <span class="metric-type">{family.type}</span> : null}
              <span>{count(family.series)}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
  if (!prefix) return rows;
  return (
    <details open={!isFolded}>
      <summary>
        {prefix}
        <span>{count(families.length)}</span>
      </summary>
      {rows}
    </details>
  );
}
