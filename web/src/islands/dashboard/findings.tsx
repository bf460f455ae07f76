// What of the dashboard is not shown, or could be better: never left out in silence.
import type { Section } from "../../dashboard/layout";
import type { Answer, Finding } from "../../dashboard/types";

const KINDS = { error: "bad", warning: "warn", info: "" } as const;

export function Findings({ answer, errors, sections }: { answer: Answer; errors: ReadonlyMap<string, string>; sections: readonly Section[] }) {
  const titles = new Map(sections.flatMap(({ panels }) => panels).map(({ key, panel }) => [key, { id: panel.id, title: panel.title || panel.type }]));
  const failed = [...errors].filter(([, text]) => text).flatMap(([key, text]): Finding[] => {
    const panel = titles.get(key);
    const isKnown = answer.problems.some(({ severity, panelId }) => severity === "error" && panelId === panel?.id);
    return panel && !isKnown ? [{ code: "query", severity: "error", message: text, hint: "", panelId: panel.id, panelTitle: panel.title, refId: "" }] : [];
  });
  const wrong = [...failed, ...answer.problems.filter(({ severity }) => severity !== "info")];
  const hints = answer.problems.filter(({ severity }) => severity === "info");
  return (
    <footer class="dash-findings">
      {wrong.length ? (
        <section class="panel" aria-labelledby="not-shown">
          <div class="panel-head">
            <h2 id="not-shown">Not shown</h2>
            <span class="panel-note">{`${wrong.length} ${wrong.length === 1 ? "part" : "parts"} of this dashboard`}</span>
          </div>
          <List findings={wrong} />
        </section>
      ) : null}
      {hints.length ? (
        <details class="panel">
          <summary>{`${hints.length} ${hints.length === 1 ? "thing" : "things"} that could be better`}</summary>
          <List findings={hints} />
        </details>
      ) : null}
      <p class="quiet-text breakable">{answer.file}</p>
    </footer>
  );
}

function List({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul>
      {findings.map(({ severity, message, hint, panelTitle, panelId, refId, code }, i) => (
        <li key={i}>
          <span class="badge" data-kind={KINDS[severity]}>
            {severity}
          </span>
          <span>
            {panelId === null ? null : <b>{`${panelTitle || `panel ${panelId}`}${refId ? `, query ${refId}` : ""}: `}</b>}
            {message}
            {hint ? <span class="quiet-text"> {hint}</span> : null}
          </span>
          <code>{code}</code>
        </li>
      ))}
    </ul>
  );
}
