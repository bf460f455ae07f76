// What the logs page is told by the server.

export interface LogsProps {
  now_ms: number;
  /** The input that the address asked for, shared links' `svc`, `trace`, `m` included. */
  text: string;
  /** Selects all streams. */
  selector: string;
  /** Names of the streams' labels; empty: nothing is stored. */
  stream_labels: string[];
  /** Where other programs reach Loki's API. */
  loki: string;
  demo: string;
  /** The first lines, as the server drew them: `text` in the window of the address. */
  rows: ServedRow[];
  snippets: { title: string; text: string }[];
}

export interface ServedRow {
  timestamp_ns: string;
  line: string;
  labels: Record<string, string>;
  metadata: Record<string, string>;
  fields: Record<string, string>;
}
