// What of the dashboard is not shown, or could be better: never left out in silence.
import type { Marked } from "../../dashboard/annotations";
import type { Section } from "../../dashboard/layout";
import type { Answer, Finding } from "../../dashboard/types";
import type { Resolved } from "../../dashboard/variables";

const KINDS = { error: "bad", warning: "warn", info: "" } as const;

interface Props {
  answer: Answer;
  /** Of panels, by their key. */
  errors: ReadonlyMap<string, string>;
  sections: readonly Section[];
  resolved: readonly Resolved[];
  marked: readonly Marked[];
}

const whole = (code: string, message: string): Finding => ({ code, severity: "error", message, hint: "", panelId: null, panelTitle: "", refId: "" });

export function Findings({ answer, errors, sections, resolved, marked }: Props) {
  const titles = new Map(sections.flatMap(({ panels }) => panels).map(({ key, panel }) => [key, { id: panel.id, title: panel.title || panel.type }]));
  const failed = [...errors].filter(([, text]) => text).flatMap(([key, text]): Finding[] => {
    const panel = titles.get(key);
    const isKnown = answer.problems.some(({ severity, panelId }) => severity === "error" && panelId === panel?.id);
    return panel && !isKnown ? [{ code: "query", severity: "error", message: text, hint: "", panelId: panel.id, panelTitle: panel.title, refId: "" }] : [];
  });
  const asked = [
    ...resolved.filter(({ error, variable }) => error && !variable.reason).map(({ error, variable }) => whole("variable", `The variable ${variable.label || variable.name} cannot be asked: ${error}`)),
    ...marked.filter(({ error }) => error).map(({ error, annotation }) => whole("annotation", `The marks ${annotation.name} cannot be asked: ${error}`)),
  ];
  const wrong = [...failed, ...asked, ...answer.problems.filter(({ severity }) => severity !== "info")];
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
