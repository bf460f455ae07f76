// Black or white, whichever is readable on a colour of the theme in use.
import { useEffect, useState } from "preact/hooks";
import { onThemeChange } from "../../page/theme";
import { rgb } from "../../plot/palette";

/** The colour of text on `background` (CSS or a token); empty for none. */
export function useInk(background: string): string {
  const [, redraw] = useState(0);
  useEffect(() => (background ? onThemeChange(() => redraw((count) => count + 1)) : undefined), [background]);
  return background ? inkOn(rgb(background)) : "";
}

/** Of `rgb(r g b)`. */
export function inkOn(color: string): string {
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.054 ? "#ffffff" : "#0d1015";
}
