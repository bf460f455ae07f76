import assert from "node:assert/strict";
import { test } from "node:test";
import { formatted, formatValue, tickTexts } from "./units";

/** Unit, value, text; decimals where they are given. */
const CASES: [string, number, string, number?][] = [
  ["", 0, "0"], ["", 1234, "1,234"], ["", 12_345, "12.3k"], ["", 1_234_567, "1.23M"], ["", 0.00123, "0.00123"], ["", -3, "−3"], ["/s", 12_345, "12.3k/s"], ["/s", 0.5, "0.5/s"],
  ["none", 1_234_567, "1,234,567"], ["none", 12.345, "12.3"], ["none", 12.345, "12.35", 2], ["none", 3, "3.00", 2], ["none", -0.001, "0", 0],
  ["short", 999, "999"], ["short", 12_345, "12.3k"], ["short", 2_000_000, "2M"], ["short", 1e12, "1T"], ["short", 1500, "1.5k", 1], ["short", 999_999, "1M"],
  ["percent", 42.25, "42.3%"], ["percentunit", 0.4225, "42.3%"], ["percentunit", 0.1 + 0.2, "30%"], ["percentunit", 0.9991, "99.91%", 2], ["humidity", 40, "40%H"],
  ["bytes", 0, "0 B"], ["bytes", 1023, "1,023 B"], ["bytes", 1536, "1.5 KiB"], ["bytes", 1_073_741_824, "1 GiB"], ["bytes", -2048, "−2 KiB"], ["bytes", 0.5, "0.5 B"],
  ["bytes", 1_048_575, "1 MiB"], ["decbytes", 1500, "1.5 kB"], ["bits", 1024, "1 Kib"], ["decbits", 1000, "1 kb"], ["kbytes", 1024, "1 MiB"], ["mbytes", 0.5, "512 KiB"], ["deckbytes", 1000, "1 MB"], ["gbytes", 2, "2 GiB"],
  ["Bps", 1_500_000, "1.5 MB/s"], ["binBps", 1536, "1.5 KiB/s"], ["bps", 1e9, "1 Gb/s"], ["binbps", 1024, "1 Kib/s"], ["KBs", 1500, "1.5 MB/s"], ["KiBs", 1024, "1 MiB/s"], ["Mbits", 1000, "1 Gb/s"], ["pps", 1200, "1.2 kp/s"],
  ["cps", 12_000, "12k c/s"], ["ops", 5, "5 ops/s"], ["reqps", 1234, "1,234 req/s"], ["rps", 2, "2 rd/s"], ["wps", 2, "2 wr/s"], ["iops", 2, "2 io/s"], ["rpm", 7, "7 rd/m"],
  ["s", 0, "0 s"], ["s", 0.25, "250 ms"], ["s", 1.5e-5, "15 µs"], ["s", 2e-9, "2 ns"], ["s", 59.99, "1 min"], ["s", 90, "1.5 min"], ["s", 5400, "1.5 h"], ["s", 172_800, "2 d"], ["s", 63_072_000, "2 y"], ["s", -0.25, "−250 ms"], ["s", 0.9999, "1 s"],
  ["ms", 0, "0 ms"], ["ms", 999, "999 ms"], ["ms", 1500, "1.5 s"], ["ms", 0.5, "500 µs"], ["µs", 1500, "1.5 ms"], ["ns", 1.5e9, "1.5 s"], ["m", 90, "1.5 h"], ["h", 36, "1.5 d"], ["d", 365, "1 y"],
  ["dtdurations", 3661, "1 hour"], ["dtdurations", 3661, "1 hour, 1 minute", 1], ["dtdurationms", 90_000, "1 minute, 30 seconds", 1], ["dtdurations", -60, "1 minute ago"], ["dthms", 3661, "01:01:01"], ["dtdhms", 90_061, "1 d 01:01:01"],
  ["clocks", 3661, "01h:01m:01s:000ms"], ["clocks", 3661, "01h:01m", 1], ["clockms", 61_500, "01m:01s:500ms"], ["clockms", 0, "00s:000ms"],
  ["hertz", 1500, "1.5 kHz"], ["hertz", 0.02, "20 mHz"], ["celsius", 21.46, "21.5 °C"], ["watt", 1500, "1.5 kW"], ["kwatt", 1500, "1.5 MW"], ["volt", 0.23, "230 mV"], ["degree", 90, "90°"],
  ["currencyUSD", 12_345, "$12.3k"], ["currencyEUR", 0.5, "€0.5"], ["currencyUSD", -5, "−$5"], ["currencySEK", 200, "200 kr"], ["currency:£", 5, "£5"],
  ["locale", 1_234_567.891, "1,234,567.891"], ["sci", 12_345, "1.23e+4"], ["hex", 255, "FF"], ["hex0x", 255, "0xFF"], ["string", 42, "42"],
  ["bool", 0, "False"], ["bool", 1, "True"], ["bool_yes_no", 1, "Yes"], ["bool_on_off", 0, "Off"],
  ["suffix: req", 5, "5 req"], ["suffix:x", 5, "5 x"], ["prefix:v", 5, "v5"], ["si:m", 1500, "1.5 km"], ["si:mF", 1500, "1.5 F"], ["count:users", 12_000, "12k users"], ["parsecs", 3, "3 parsecs"],
];

test("values read as their units say", () => {
  for (const [unit, value, text, decimals] of CASES) assert.equal(formatted(value, unit, decimals), text, `${value} ${unit} ${decimals ?? ""}`);
});

test("a unit can be set apart from its value", () => {
  assert.deepEqual(formatValue(1536, "bytes"), { prefix: "", text: "1.5", suffix: " KiB" });
  assert.deepEqual(formatValue(5, "currencyUSD"), { prefix: "$", text: "5", suffix: "" });
});

test("what is no number is said", () => {
  assert.deepEqual([null, undefined, NaN, Infinity, -Infinity].map((value) => formatted(value, "bytes")), ["–", "–", "NaN", "+Inf", "−Inf"]);
});

test("times are written by their pattern and zone", () => {
  const at = Date.UTC(2026, 2, 1, 9, 5, 7, 42);
  assert.equal(formatted(at, "dateTimeAsIso", null, "utc"), "2026-03-01 09:05:07");
  assert.equal(formatted(at, "dateTimeAsUS", null, "utc"), "03/01/2026 9:05:07 am");
  assert.equal(formatted(at, "time:DD MMM YY [at] HH:mm:ss.SSS Z", null, "utc"), "01 Mar 26 at 09:05:07.042 +00:00");
  assert.equal(formatValue(at, "dateTimeAsIsoNoDateIfToday", null, "utc", at + 1000).text, "09:05:07");
  assert.equal(formatValue(at, "dateTimeFromNow", null, "utc", at + 7_200_000).text, "2 hours ago");
  assert.equal(formatValue(at, "dateTimeFromNow", null, "utc", at - 60_000).text, "in 1 minute");
});

test("ticks of one axis are told apart", () => {
  assert.deepEqual(tickTexts([990.1, 990.2, 990.3], "none"), ["990.1", "990.2", "990.3"]);
  assert.deepEqual(tickTexts([0, 1024, 2048], "bytes"), ["0 B", "1 KiB", "2 KiB"]);
  assert.deepEqual(tickTexts([0, 1, 2], "none", 0), ["0", "1", "2"]);
});
