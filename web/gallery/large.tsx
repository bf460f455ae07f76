// A chart as large as they get, for measuring: `gallery.feed()` gives it new values, `gallery.zoom()` a part of
// the window, `gallery.toggle()` removes it or makes it anew.
import { useState } from "preact/hooks";
import { TimeChart } from "../src/plot/time_chart";
import { frameOf, windowOf } from "./data";

declare global {
  interface Window {
    gallery?: { feed: () => void; zoom: () => void; toggle: () => void; zoomed: number };
  }
}

const query = new URLSearchParams(location.search);
const [count, points] = [Number(query.get("series") ?? 50), Number(query.get("points") ?? 2000)];

function Large() {
  const [seed, setSeed] = useState(1);
  const [frame, setFrame] = useState(() => frameOf(count, points));
  const [isShown, setShown] = useState(true);
  const [window_, setWindow] = useState(() => windowOf(frame));
  window.gallery = {
    feed: () => {
      setSeed(seed + 1);
      setFrame(frameOf(count, points, { seed: seed + 1 }));
    },
    zoom: () => {
      const { start, end } = windowOf(frame);
      setWindow(window_.start === start ? { start: start + (end - start) * 0.4, end: start + (end - start) * 0.6 } : { start, end });
    },
    toggle: () => setShown(!isShown),
    zoomed: 0,
  };
  if (!isShown) return <p>Removed</p>;
  return (
    <TimeChart
      frame={frame}
      window={window_}
      title="Large"
      unit="reqps"
      height={360}
      onZoom={(start, end) => {
        setWindow({ start, end });
        if (window.gallery) window.gallery.zoomed += 1;
      }}
      onZoomOut={() => setWindow(windowOf(frame))}
    />
  );
}

export const LARGE = { large: { title: `${count} series of ${points} points`, Body: Large, isWide: true } };
