// The parts of a query, one below the other; each can be asked alone.
import { useState } from "preact/hooks";
import { count } from "../../data/format";
import { nodeResult, type NodeResult, type TreeNode } from "../../data/metric_explain";
import { reason } from "../../data/overview";
import { Highlighted } from "../../editor/highlight";
import { time } from "../../state/time";

interface Props {
  root: TreeNode;
  /** Puts a part into the panel. */
  onChoose: (expr: string) => void;
}

export function QueryTree({ root, onChoose }: Props) {
  return (
    <div class="query-tree">
      <ul aria-label="Parts of the query">
        <Node key={root.text} node={root} onChoose={onChoose} />
      </ul>
    </div>
  );
}

type Asked = NodeResult | { error: string } | "asking" | null;

function Node({ node, onChoose }: { node: TreeNode; onChoose: Props["onChoose"] }) {
  const [asked, set] = useState<Asked>(null);
  const ask = async (): Promise<void> => {
    set("asking");
    try {
      set(await nodeResult(node.text, time().window.end));
    } catch (error) {
      set({ error: reason(error) });
    }
  };
  return (
    <li>
      <div class="query-node">
        <button type="button" class="query-node-text" data-row title={`Asks for this part alone:\n${node.text}`} onClick={() => void ask()}>
          <Highlighted language="promql" text={node.label || node.text} />
        </button>
        <Answer asked={asked} type={node.type} />
        <button type="button" class="link-button query-node-use" aria-label={`Use ${node.text} in the panel`} onClick={() => onChoose(node.text)}>
          Use
        </button>
      </div>
      {node.is_cut ? <p class="quiet-text">More parts are left out.</p> : null}
      {node.children.length ? (
        <ul>
          {node.children.map((child, i) => (
            <Node key={`${i} ${child.text}`} node={child} onChoose={onChoose} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function Answer({ asked, type }: { asked: Asked; type: string }) {
  if (asked === null) return <span class="query-node-facts">{type}</span>;
  if (asked === "asking") return <span class="query-node-facts">…</span>;
  if ("error" in asked) return <span class="query-node-facts" role="alert">{asked.error}</span>;
  const labels = asked.labels.slice(0, 6).map(([name, values]) => `${name}: ${count(values)}`);
  return (
    <span class="query-node-facts" role="status">
      <b>{`${count(asked.series)} ${asked.series === 1 ? "result" : "results"}`}</b>
      {`, ${asked.ms < 10 ? asked.ms.toFixed(1) : Math.round(asked.ms)} ms`}
      {labels.length ? ` · ${labels.join(", ")}${asked.labels.length > 6 ? ", …" : ""}` : ""}
      {asked.warnings.length ? ` · ${asked.warnings.join("; ")}` : ""}
    </span>
  );
}
