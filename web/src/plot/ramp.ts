// Colours from little to much: lightness alone carries the meaning, so that every eye can order them.

type Lch = readonly [number, number, number];

/** Lightness, chroma, hue (OKLCH): away from the ground of the theme, over two hues. */
const RAMPS: Record<"light" | "dark", readonly Lch[]> = {
  light: [[0.93, 0.035, 215], [0.78, 0.1, 225], [0.58, 0.15, 250], [0.42, 0.17, 275], [0.28, 0.13, 300]],
  dark: [[0.3, 0.07, 280], [0.42, 0.13, 300], [0.57, 0.17, 350], [0.74, 0.16, 45], [0.93, 0.13, 100]],
};

/** The colour at 0 to 1 as red, green, blue of 0 to 255. */
export function ramp(at: number, theme: "light" | "dark"): [number, number, number] {
  const stops = RAMPS[theme];
  const place = Math.min(1, Math.max(0, at)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(place));
  const [a, b] = [stops[i] ?? [0, 0, 0], stops[i + 1] ?? [0, 0, 0]];
  const part = place - i;
  const turn = ((b[2] - a[2] + 540) % 360) - 180;
  return toRgb([a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + turn * part]);
}

/** 256 colours, for images. */
export function rampTable(theme: "light" | "dark"): [number, number, number][] {
  return Array.from({ length: 256 }, (_, i) => ramp(i / 255, theme));
}

function toRgb([l, c, h]: Lch): [number, number, number] {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  const x = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const y = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const z = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const encode = (value: number): number => {
    const clipped = Math.min(1, Math.max(0, value));
    return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
  };
  return [encode(4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z), encode(-1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z), encode(-0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z)];
}
