// Markdown and HTML of text panels as a tree of harmless elements. Nothing is ever parsed into the page itself.

export type SafeNode = string | { tag: string; attributes: Record<string, string>; children: SafeNode[] };

const TAGS = new Set("a abbr b blockquote br center code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q s samp small span strong sub sup table tbody td tfoot th thead tr u ul".split(" "));
/** Gone with all that is in them. */
const DROPPED = new Set("script style iframe object embed template noscript svg math form input button select textarea video audio canvas link meta base title head".split(" "));

/** HTML as safe nodes; parsed in a document of its own that loads and runs nothing. */
export function safeHtml(html: string, safeUrl: (url: string) => string): SafeNode[] {
  // Styles and handlers would be refused by the page's policy, and reported.
  const bare = html.replace(/<style[\s>][^]*?(?:<\/style>|$)/gi, "").replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/([\s/"'])(?:style|on[a-z]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, "$1"));
  const parsed = new DOMParser().parseFromString(bare, "text/html");
  return [...parsed.body.childNodes].flatMap((node) => safe(node, safeUrl));
}

function safe(node: Node, safeUrl: (url: string) => string): SafeNode[] {
  if (node.nodeType === Node.TEXT_NODE) return [node.textContent ?? ""];
  if (!(node.nodeType === Node.ELEMENT_NODE)) return [];
  const element = node as Element;
  const tag = element.tagName.toLowerCase();
  if (DROPPED.has(tag)) return [];
  const children = [...element.childNodes].flatMap((child) => safe(child, safeUrl));
  if (tag === "img") return [element.getAttribute("alt") || "(image)"];
  if (!TAGS.has(tag)) return children;
  const attributes: Record<string, string> = {};
  const href = tag === "a" ? safeUrl(element.getAttribute("href") ?? "") : "";
  if (href) attributes.href = href;
  if (href && element.getAttribute("target") === "_blank") Object.assign(attributes, { target: "_blank", rel: "noreferrer" });
  for (const name of ["title", "colspan", "rowspan"]) {
    const value = element.getAttribute(name);
    if (value) attributes[name] = value;
  }
  return [{ tag: tag === "center" ? "div" : tag, attributes, children }];
}

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** Longer lines are plain paragraphs, deeper quotes plain text: no text keeps the page busy. */
const LONGEST_LINE = 4000;
const DEEPEST = 20;

/** Markdown (headings, lists, tables, quotes, code, links, emphasis) as HTML. HTML in it stays. */
export function markdown(text: string, depth = 0): string {
  if (depth > DEEPEST) return escaped(text);
  const blocks: string[] = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let at = 0; at < lines.length; ) {
    const [html, next] = block(lines, at, depth);
    if (html) blocks.push(html);
    at = Math.max(next, at + 1);
  }
  return blocks.join("\n");
}

const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;

function block(lines: readonly string[], at: number, depth: number): [string, number] {
  const line = lines[at] ?? "";
  const until = (test: (text: string) => boolean, from = at): number => {
    let end = from;
    while (end < lines.length && test(lines[end] ?? "")) end += 1;
    return end;
  };
  if (!line.trim()) return ["", at + 1];
  if (line.length > LONGEST_LINE) return [`<p>${inline(line)}</p>`, at + 1];
  const fence = /^\s*(```|~~~)/.exec(line)?.[1];
  if (fence) {
    const end = until((text) => !text.trim().startsWith(fence), at + 1);
    return [`<pre><code>${escaped(lines.slice(at + 1, end).join("\n"))}</code></pre>`, end + 1];
  }
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading) return [`<h${heading[1]?.length}>${inline(heading[2] ?? "")}</h${heading[1]?.length}>`, at + 1];
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return ["<hr>", at + 1];
  if (/^\s*>/.test(line)) {
    const end = until((text) => /^\s*>/.test(text));
    return [`<blockquote>${markdown(lines.slice(at, end).map((text) => text.replace(/^\s*> ?/, "")).join("\n"), depth + 1)}</blockquote>`, end];
  }
  if (ITEM.test(line)) {
    const end = until((text) => ITEM.test(text) || (/^\s+\S/.test(text) && text.trim() !== ""));
    return [list(lines.slice(at, end), depth), end];
  }
  if (line.includes("|") && /^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$/.test(lines[at + 1] ?? "")) {
    const end = until((text) => text.includes("|"), at + 2);
    return [table(lines.slice(at, end)), end];
  }
  if (/^\s*<\/?[a-z!]/i.test(line)) {
    const end = until((text) => text.trim() !== "");
    return [lines.slice(at, end).map((text) => (/^\s*</.test(text) ? text : inline(text))).join("\n"), end];
  }
  const end = until((text) => text.trim() !== "" && !/^(#{1,6}\s|\s*>|\s*(```|~~~))/.test(text) && !ITEM.test(text));
  const stop = Math.max(end, at + 1);
  return [`<p>${inline(lines.slice(at, stop).join("\n").replace(/ {2,}\n/g, "<br>"))}</p>`, stop];
}

function list(lines: readonly string[], depth: number): string {
  const items: { text: string; inner: string[] }[] = [];
  const first = ITEM.exec(lines[0] ?? "");
  const indent = first?.[1]?.length ?? 0;
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item && (item[1]?.length ?? 0) <= indent) items.push({ text: item[3] ?? "", inner: [] });
    else items.at(-1)?.inner.push(line.replace(/^\s{1,4}/, ""));
  }
  const tag = /\d/.test(first?.[2] ?? "") ? "ol" : "ul";
  const rest = (inner: readonly string[]): string => (inner.some((line) => ITEM.test(line)) ? markdown(inner.join("\n"), depth + 1) : inner.length ? ` ${inline(inner.join(" ").trim())}` : "");
  return `<${tag}>${items.map(({ text, inner }) => `<li>${inline(text)}${rest(inner)}</li>`).join("")}</${tag}>`;
}

function table([head = "", , ...rows]: readonly string[]): string {
  const cells = (line: string): string[] => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => inline(cell.trim()));
  return `<table><thead><tr>${cells(head).map((cell) => `<th>${cell}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row).map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</tbody></table>`;
}

function inline(text: string): string {
  const codes: string[] = [];
  return text
    .replace(/(?<!`)(`{1,9})(?!`)([^]{0,4000}?)(?<!`)\1(?!`)/g, (_, _ticks, code: string) => `\u0000${codes.push(`<code>${escaped(code.trim())}</code>`) - 1}\u0000`)
    .replace(/!\[([^\]]{0,1000})\]\([^)]{0,2000}\)/g, (_, alt: string) => alt || "(image)")
    .replace(/\[([^\][]{1,1000})\]\(\s{0,9}<?([^\s)>]{1,2000})>?(?:\s{1,9}"[^"]{0,500}")?\s{0,9}\)/g, (_, label: string, url: string) => `<a href="${url.replaceAll('"', "%22")}">${label}</a>`)
    .replace(/(?<![\w"'=/>])(https?:\/\/[^\s<)]+)/g, (url) => `<a href="${url.replaceAll('"', "%22")}">${url}</a>`)
    .replace(/\*\*(?=\S)([^]{0,500}?\S)\*\*/g, "<strong>$1</strong>")
    .replace(/(?<!\w)__(?=\S)([^]{0,500}?\S)__(?!\w)/g, "<strong>$1</strong>")
    .replace(/(?<!\*)\*(?=[^\s*])([^*]{0,500}?[^\s*])\*(?!\*)/g, "<em>$1</em>")
    .replace(/(?<![\w/"=])_(?=\S)([^_]{0,500}?\S)_(?!\w)/g, "<em>$1</em>")
    .replace(/~~(?=\S)([^]{0,500}?\S)~~/g, "<del>$1</del>")
    .replace(/\u0000(\d+)\u0000/g, (_, at: string) => codes[Number(at)] ?? "");
}
