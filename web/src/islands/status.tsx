// Whether the page is up to date, in words.
import { ago } from "../data/format";
import { overview } from "../data/overview";
import { useNow, useOverview } from "./hooks";

export function Status() {
  const { error, fetchedAt, skew } = useOverview();
  const age = useNow() - skew - fetchedAt;
  return (
    <div class="live" data-state={error ? "lost" : "live"} role="status">
      <span class="live-dot" aria-hidden="true" />
      {error ? (
        <>
          <span class="live-text">
            Data from {ago(age)}: {error}
          </span>
          <button type="button" class="link-button" onClick={() => void overview.poll()}>
            Retry
          </button>
        </>
      ) : (
        <span class="live-text">Live</span>
      )}
    </div>
  );
}
