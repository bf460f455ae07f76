// Text panels: Markdown, HTML reduced to harmless elements, code.
import { h, type VNode } from "preact";
import { useMemo } from "preact/hooks";
import { safeUrl } from "../../../dashboard/data_links";
import { interpolate, type Values } from "../../../dashboard/interpolate";
import { markdown, type SafeNode, safeHtml } from "../../../dashboard/safe_html";
import type { Panel } from "../../../dashboard/types";

export function TextBody({ panel, values, title }: { panel: Panel; values: Values; title: string }) {
  const { mode = "markdown", content = "" } = panel.options as { mode?: string; content?: string };
  const text = interpolate(content, values, { form: mode === "html" ? "text" : "" });
  if (mode === "code") {
    return (
      <pre class="dash-code" tabindex={0} aria-label={title || "Text"}>
        <code>{text}</code>
      </pre>
    );
  }
  return <Rich html={mode === "html" ? text : markdown(text)} />;
}

/** Markdown of descriptions. */
export function Markdown({ text }: { text: string }) {
  return <Rich html={markdown(text)} />;
}

function Rich({ html }: { html: string }) {
  const nodes = useMemo(() => safeHtml(html, safeUrl), [html]);
  return <div class="dash-text">{nodes.map(drawn)}</div>;
}

/** Headings begin below those of the page. */
const LEVELS: Record<string, string> = { h1: "h3", h2: "h4", h3: "h5", h4: "h6", h5: "h6", h6: "h6" };

function drawn(node: SafeNode, key: number): VNode | string {
  if (typeof node === "string") return node;
  const { tag, attributes, children } = node;
  return h(LEVELS[tag] ?? tag, { key, ...attributes, ...(LEVELS[tag] ? { "data-heading": tag } : {}) }, tag === "hr" || tag === "br" ? undefined : children.map(drawn));
}
