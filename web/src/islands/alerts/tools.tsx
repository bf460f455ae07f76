// Above the list: matchers, grouping, how many fire, and the name that acknowledgements carry.
import { useEffect, useState } from "preact/hooks";
import type { AlertsDocument } from "../../data/alerts";
import { count } from "../../data/format";
import { quoted, CopyAs } from "../../parts/copy_as";
import { navigate } from "../../state/address";
import { useYourName } from "./you";

export function Tools({ found, matchers, hasResolved, label, labels }: { found: AlertsDocument; matchers: string; hasResolved: boolean; label: string; labels: readonly string[] }) {
  const [text, setText] = useState(matchers);
  const [name, setName] = useYourName();
  useEffect(() => setText(matchers), [matchers]);
  const submit = (event: Event): void => {
    event.preventDefault();
    navigate({ m: text.trim() || null, filter: null });
  };
  const origin = location.origin;
  const forms = [
    { name: "curl", text: () => `curl -s ${quoted(`${origin}/alerts.json${matchers ? `?m=${encodeURIComponent(matchers)}` : ""}`)}` },
    { name: "appliance", text: () => `appliance alerts ls ${matchers ? `${quoted(matchers)} ` : ""}--addr ${origin}` },
    { name: "amtool", text: () => `amtool alert query ${matchers ? `${quoted(matchers)} ` : ""}--alertmanager.url=${origin}` },
  ];
  return (
    <form class="toolbar alerts-tools" onSubmit={submit}>
      <input class="input mono alerts-matchers" data-search aria-label="Matchers" value={text} placeholder='alertname="NAME",job=~"api.*"' autocomplete="off" spellcheck={false} onInput={(event) => setText(event.currentTarget.value)} />
      {matchers ? (
        <button type="button" class="tool quiet" onClick={() => navigate({ m: null, filter: null })}>
          Clear
        </button>
      ) : null}
      <p class="lead alerts-count" role="status">
        {count(found.matching)}
        {found.matching < found.total ? ` of ${count(found.total)}` : ""} firing
      </p>
      <label class="inline-field">
        Group by
        <select class="select" value={label} onChange={(event) => navigate({ by: event.currentTarget.value || null }, { replace: true })}>
          <option value="">nothing</option>
          {(label && !labels.includes(label) ? [label, ...labels] : labels).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" checked={hasResolved} onChange={() => navigate({ resolved: hasResolved ? null : "1" })} />
        Resolved in the last 24 h
      </label>
      <span class="spacer" />
      <label class="inline-field">
        You
        <input class="input your-name" value={name} maxLength={200} autocomplete="username" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <CopyAs forms={forms} />
    </form>
  );
}
