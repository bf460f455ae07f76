// Every kind of chart on one page. `?only=NAME` shows one, `?series=N&points=M` the size of the "large" one.
import { type ComponentType, render } from "preact";
import { LARGE } from "./large";
import { OTHERS } from "./others";
import { OVER_TIME } from "./over_time";

const SECTIONS: Record<string, { title: string; Body: ComponentType; isWide?: boolean }> = { ...OVER_TIME, ...OTHERS };

const only = new URLSearchParams(location.search).get("only");
const shown = Object.entries(only === "large" ? LARGE : SECTIONS).filter(([name]) => !only || name === only);

function Gallery() {
  return (
    <>
      {shown.map(([name, { title, Body, isWide }]) => (
        <section key={name} id={name} class={isWide ? "wide" : ""} aria-labelledby={`${name}-title`}>
          <h2 id={`${name}-title`}>{title}</h2>
          <Body />
        </section>
      ))}
    </>
  );
}

const main = document.querySelector("#gallery");
if (main) render(<Gallery />, main);
document.documentElement.dataset.ready = "";
