// A query that is only read: plain text at once, coloured when the colours are loaded.
import { useEffect, useState } from "preact/hooks";
import type { Piece } from "./classify";
import type { Language } from "./lex";

export interface HighlightedProps {
  language: Language;
  text: string;
}

type Classify = (language: Language, text: string) => Piece[];

let loaded: Classify | null = null;

export function Highlighted({ language, text }: HighlightedProps) {
  const [classify, setClassify] = useState<Classify | null>(() => loaded);
  useEffect(() => {
    if (classify) return;
    void import("./classify").then(
      (module) => {
        loaded = module.classify;
        setClassify(() => module.classify);
      },
      () => undefined, // stays plain
    );
  }, [classify]);
  return (
    <code class="query" data-language={language}>
      {classify ? coloured(text, classify(language, text)) : text}
    </code>
  );
}

function coloured(text: string, pieces: readonly Piece[]) {
  let at = 0;
  const parts = pieces.flatMap(({ from, to, role }) => {
    const plain = text.slice(at, from);
    at = to;
    return [plain, <span class={`code-${role}`}>{text.slice(from, to)}</span>];
  });
  return [...parts, text.slice(at)];
}
