// Grafana's unit ids and how values of each read. Groups follow its unit picker.
//
// Differs from Grafana: counts are "1,234", "12.3k", "1.2M", "1.2G" as everywhere in Appliance ("short" has
// no "Mil" and "Bil"), times are "min", "h", "d", "y", thousands are grouped and trailing zeros go.

/** How values of a unit become text. */
export type Unit =
  /** Scaled by `base` in powers, from `first` on: bytes, hertz, counts. */
  | { kind: "scaled"; base: 1000 | 1024; symbol: string; first?: number; count?: boolean }
  /** Never scaled. */
  | { kind: "fixed"; symbol: string; factor?: number; prefix?: string }
  /** A span of time; `seconds` in one of the unit. */
  | { kind: "time"; seconds: number }
  | { kind: "currency"; symbol: string; isSuffix?: boolean }
  /** A function of its own, by name. */
  | { kind: "special"; name: "string" | "hex" | "hex0x" | "sci" | "locale" | "bool" | "bool_yes_no" | "bool_on_off" | "dtdurations" | "dthms" | "dtdhms" | "clocks"; factor?: number }
  | { kind: "date"; form: string; hidesToday?: boolean };

const fixed = (symbol: string): Unit => ({ kind: "fixed", symbol });
const si = (symbol: string, first = 0): Unit => ({ kind: "scaled", base: 1000, symbol, first });
const binary = (symbol: string, first = 0): Unit => ({ kind: "scaled", base: 1024, symbol, first });
const counted = (symbol: string): Unit => ({ kind: "scaled", base: 1000, symbol, count: true });

const TIMES: Record<string, number> = { ns: 1e-9, µs: 1e-6, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400, timeticks: 0.01 };
const CURRENCIES: Record<string, string> = { USD: "$", GBP: "£", EUR: "€", JPY: "¥", RUB: "₽", UAH: "₴", BRL: "R$", INR: "₹", KRW: "₩", PHP: "₱", VND: "₫", TRY: "₺", ILS: "₪", CNY: "¥", BTC: "฿", ZAR: "R", IDR: "Rp", MYR: "RM" };
const TRAILING: Record<string, string> = { DKK: "kr", ISK: "kr", NOK: "kr", SEK: "kr", CZK: "czk", CHF: "CHF", PLN: "zł", XPF: "XPF", BGN: "BGN" };
const COUNTS: Record<string, string> = { cps: "c/s", ops: "ops/s", reqps: "req/s", rps: "rd/s", wps: "wr/s", iops: "io/s", eps: "evt/s", mps: "msg/s", recps: "rec/s", rowsps: "rows/s", cpm: "c/m", opm: "ops/m", reqpm: "req/m", rpm: "rd/m", wpm: "wr/m", epm: "evt/m", mpm: "msg/m", flops: "FLOPS" };
const FIXED: Record<string, string> = {
  percent: "%", humidity: "%H", dB: "dB", dBm: "dBm", pixel: "px",
  celsius: "°C", fahrenheit: "°F", kelvin: "K",
  degree: "°", radian: "rad", grad: "grad", arcmin: "arcmin", arcsec: "arcsec",
  lengthmm: "mm", lengthcm: "cm", lengthin: "in", lengthft: "ft", lengthkm: "km", lengthmi: "mi",
  massmg: "mg", masslb: "lb", masskg: "kg", masst: "t",
  velocityms: "m/s", velocitykmh: "km/h", velocitymph: "mph", velocityknot: "kn",
  areaM2: "m²", areaF2: "ft²", areaMI2: "mi²", accMS2: "m/s²", accFS2: "ft/s²", accG: "g",
  m3: "m³", Nm3: "Nm³", dm3: "dm³", gallons: "gal",
  flowgpm: "gpm", flowcms: "cms", flowcfs: "cfs", flowcfm: "cfm", litreh: "L/h", flowlpm: "L/min", flowmlpm: "mL/min", lux: "lux",
  pressurehg: "inHg", pressurepsi: "psi", pressurehpa: "hPa", pressurekpa: "kPa", pressurembar: "mbar",
  rotrpm: "rpm", rotrads: "rad/s", rotdegs: "°/s", conppm: "ppm", ppm: "ppm", conppb: "ppb",
  watth: "Wh", kwatth: "kWh", kwattm: "kWmin", amph: "Ah", kamph: "kAh", mamph: "mAh", ev: "eV", voltamp: "VA", kvoltamp: "kVA", Wm2: "W/m²",
};
const SI: Record<string, string> = { hertz: "Hz", rothz: "Hz", watt: "W", volt: "V", amp: "A", ohm: "Ω", farad: "F", joule: "J", lumens: "lm", forceN: "N", forceNm: "Nm", pressurebar: "bar", pressurepa: "Pa", lengthm: "m", massg: "g", litre: "L", Hs: "H/s", radbq: "Bq" };
const SHIFTED: Record<string, [string, number]> = { kwatt: ["W", 1], megwatt: ["W", 2], gwatt: ["W", 3], mwatt: ["W", -1], kvolt: ["V", 1], mvolt: ["V", -1], kamp: ["A", 1], mamp: ["A", -1], kohm: ["Ω", 1], Mohm: ["Ω", 2], mlitre: ["L", -1], forcekN: ["N", 1], pressurekbar: ["bar", 1], KHs: ["H/s", 1], MHs: ["H/s", 2], GHs: ["H/s", 3], mflops: ["FLOPS", 2], gflops: ["FLOPS", 3] };

function table(): Map<string, Unit> {
  const units = new Map<string, Unit>();
  const each = <T>(source: Record<string, T>, make: (value: T) => Unit, prefix = ""): void => {
    for (const [id, value] of Object.entries(source)) units.set(prefix + id, make(value));
  };
  each(FIXED, fixed);
  each(SI, si);
  each(SHIFTED, ([symbol, first]) => si(symbol, first));
  each(COUNTS, counted);
  each(TIMES, (seconds) => ({ kind: "time", seconds }));
  each(CURRENCIES, (symbol) => ({ kind: "currency", symbol }), "currency");
  each(TRAILING, (symbol) => ({ kind: "currency", symbol, isSuffix: true }), "currency");
  units.set("currencymBTC", { kind: "currency", symbol: "mBTC" }).set("currencyμBTC", { kind: "currency", symbol: "μBTC" });
  // Sizes and rates of data: "kbytes" is given in KiB, "deckbytes" in kB; "KBs" in kB/s, "KiBs" in KiB/s.
  const sizes = ["", "k", "m", "g", "t", "p"];
  sizes.forEach((letter, power) => {
    units.set(`${letter}bytes`, binary("B", power)).set(`dec${letter}bytes`, si("B", power));
    if (!power) return;
    const large = letter.toUpperCase();
    units.set(`${large}Bs`, si("B/s", power)).set(`${large}iBs`, binary("B/s", power));
    units.set(`${large}bits`, si("b/s", power)).set(`${large}ibits`, binary("b/s", power));
  });
  units.set("bits", binary("b")).set("decbits", si("b")).set("pps", si("p/s"));
  units.set("Bps", si("B/s")).set("binBps", binary("B/s")).set("bps", si("b/s")).set("binbps", binary("b/s"));
  units.set("none", fixed("")).set("short", { kind: "scaled", base: 1000, symbol: "", count: true }).set("sishort", si(""));
  units.set("percentunit", { kind: "fixed", symbol: "%", factor: 100 });
  for (const name of ["string", "hex", "hex0x", "sci", "locale", "bool", "bool_yes_no", "bool_on_off", "dtdurations", "dthms", "dtdhms", "clocks"] as const) units.set(name, { kind: "special", name });
  units.set("dtdurationms", { kind: "special", name: "dtdurations", factor: 1e-3 }).set("dtdurationns", { kind: "special", name: "dtdurations", factor: 1e-9 });
  units.set("clockms", { kind: "special", name: "clocks", factor: 1e-3 });
  const iso = "YYYY-MM-DD HH:mm:ss";
  for (const [id, form] of [["ISO", iso], ["Iso", iso], ["US", "MM/DD/YYYY h:mm:ss a"], ["Local", iso], ["System", iso]] as const) {
    units.set(`dateTimeAs${id}`, { kind: "date", form }).set(`dateTimeAs${id}NoDateIfToday`, { kind: "date", form, hidesToday: true });
  }
  return units.set("dateTimeFromNow", { kind: "date", form: "from now" });
}

const UNITS = table();

/** The unit of an id, also of the free forms `suffix: x`, `prefix: x`, `si:`, `count:`, `currency:`, `time:`, `bool:`; undefined if there is none. */
export function unitOfId(id: string): Unit | undefined {
  const known = UNITS.get(id);
  if (known) return known;
  const at = id.indexOf(":");
  const rest = id.slice(at + 1).trim();
  switch (at > 0 ? id.slice(0, at) : "") {
    case "suffix":
      return fixed(id.slice(at + 1).trimEnd().replace(/^ /, ""));
    case "prefix":
      return { kind: "fixed", symbol: "", prefix: id.slice(at + 1) };
    case "si": {
      // "si:mF" is given in millifarad: the first letter scales unless it is the whole unit.
      const power = rest.length > 1 ? POWERS[rest[0] ?? ""] : undefined;
      return power === undefined ? si(rest) : si(rest.slice(1), power);
    }
    case "count":
      return counted(rest);
    case "currency":
      return { kind: "currency", symbol: rest.replace(/^(financial|suffix):/, ""), isSuffix: rest.includes("suffix:") };
    case "time":
      return { kind: "date", form: rest };
    default:
      return undefined;
  }
}

const POWERS: Record<string, number> = { f: -5, p: -4, n: -3, µ: -2, u: -2, m: -1, k: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };
