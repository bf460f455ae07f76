// Filters that hold for all queries of a dashboard (adhoc variables).
import { useState } from "preact/hooks";
import { type AdhocFilter, filtersOf, printFilter } from "../../dashboard/adhoc";
import { fromAddress } from "../../dashboard/variables";
import type { Variable } from "../../dashboard/types";
import { labelNames, labelValues } from "../../data/prometheus_api";
import { useLoad } from "../../parts/hooks";
import { useAddress } from "../../state/address";
import { time } from "../../state/time";
import { choose } from "./bar";

const OPERATORS = ["=", "!=", "=~", "!~"];

export function Filters({ variable }: { variable: Variable }) {
  const filters = filtersOf(variable, fromAddress(useAddress(), variable.name));
  const [isOpen, setOpen] = useState(false);
  const write = (next: readonly AdhocFilter[]): void => choose(variable.name, next.length ? next.map(printFilter) : [""]);
  return (
    <div class="dash-variable">
      <span class="dash-variable-name">{variable.label || variable.name}</span>
      {filters.map((filter, i) => (
        <button key={i} type="button" class="chip" title="Click: remove this filter" onClick={() => write(filters.filter((_, at) => at !== i))}>
          <span class="chip-name">{`${filter.name} ${filter.operator}`}</span>
          <span class="chip-value">{filter.value} ×</span>
        </button>
      ))}
      {isOpen ? (
        <NewFilter
          onDone={(filter) => {
            setOpen(false);
            if (filter) write([...filters, filter]);
          }}
        />
      ) : (
        <button type="button" class="tool" onClick={() => setOpen(true)}>
          Add filter
        </button>
      )}
    </div>
  );
}

function NewFilter({ onDone }: { onDone: (filter: AdhocFilter | null) => void }) {
  const [name, setName] = useState("");
  const [operator, setOperator] = useState("=");
  const [value, setValue] = useState("");
  const names = useLoad((signal) => labelNames([], time().window, signal), []);
  const values = useLoad(name && names.data?.includes(name) ? (signal) => labelValues(name, [], time().window, signal) : null, [name, names.data]);
  const submit = (event: Event): void => {
    event.preventDefault();
    onDone(name ? { name: name.trim(), operator, value } : null);
  };
  return (
    <form class="dash-filter" onSubmit={submit}>
      <input class="input" list="filter-names" aria-label="Label" placeholder="Label" value={name} onInput={(event) => setName(event.currentTarget.value)} />
      <datalist id="filter-names">{(names.data ?? []).slice(0, 300).map((one) => <option key={one} value={one} />)}</datalist>
      <select class="select" aria-label="How" value={operator} onChange={(event) => setOperator(event.currentTarget.value)}>
        {OPERATORS.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <input class="input" list="filter-values" aria-label="Value" placeholder="Value" value={value} onInput={(event) => setValue(event.currentTarget.value)} />
      <datalist id="filter-values">{(values.data ?? []).slice(0, 300).map((one) => <option key={one} value={one} />)}</datalist>
      <button class="tool">Add</button>
      <button type="button" class="tool quiet" onClick={() => onDone(null)}>
        Cancel
      </button>
    </form>
  );
}
