// Numbers and moments, as people read them.

// What rounds to nothing has no sign.
const digits = (number: number): Intl.NumberFormat =>
  new Intl.NumberFormat("en", {
    minimumFractionDigits: number,
    maximumFractionDigits: number,
    signDisplay: "negative",
  } as Intl.NumberFormatOptions);
const [whole, tenth, hundredth] = [digits(0), digits(1), digits(2)];

export const NOTHING = "\u2013";

/** A count: `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** A rate per second: one digit after the point, or two below ten. */
export function rate(value: number): string {
  return Math.abs(value) < 10 && value !== 0 ? hundredth.format(value) : tenth.format(value);
}

/** Milliseconds without the unit: three digits that count. */
export function ms(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  if (value >= 100) return whole.format(value);
  return value >= 10 ? tenth.format(value) : hundredth.format(value);
}

/** A share of one as percent. What is not nothing never reads `0 %`, what is not all never `100 %`. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0) return "0 %";
  if (value < 0.1) return "<0.1 %";
  if (value < 100 && value > 99.9) return ">99.9 %";
  return value >= 100 ? "100 %" : `${tenth.format(value)} %`;
}

/** Bytes, in steps of 1024. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = unit === 0 || value >= 100 ? whole.format(value) : tenth.format(value);
  return `${text} ${units[unit] ?? ""}`;
}

/** `1:02:03`, `2:03` of seconds. */
export function span(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The time of day of unix seconds, in the reader's own zone. */
export function clock(at: number | null): string {
  if (at === null) return NOTHING;
  const date = new Date(at * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Day and time of unix seconds, in the reader's own zone. */
export function moment(at: number): string {
  const date = new Date(at * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(at)}`;
}

/** `p95`, `p99.9` of a quantile; the last one is the maximum. */
export function quantile(value: number): string {
  return value >= 1 ? "Max" : `p${Number((value * 100).toFixed(4))}`;
}

/** `1 worker`, `2 workers`. */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}
