// How numbers are shown.

/** All digits that the number has, with a true minus sign. */
export const allDigits = (x) => String(x).replace(/^-/, "−").replace("e-", "e−");

/** A few digits, as text: 0.0123, −4.50 or 3.1 × 10⁻²¹. */
export function fewDigits(x, digits = 3) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e-3 && size < 1e5) return plain(x.toPrecision(digits));
  return ofDecades(Math.log10(size), digits, x < 0);
}

/** e to this power in a few digits, also where no double holds it. */
export function fewDigitsOfExp(x, digits = 3) {
  const decades = x / Math.LN10;
  return Math.abs(decades) < 3 ? fewDigits(Math.exp(x), digits) : ofDecades(decades, digits, false);
}

/** A chance: as a percentage where that is short. */
export function chance(p) {
  if (p === 0) return "0";
  if (p >= 0.9995 && p < 1) return `1 − ${fewDigits(1 - p, 2)}`;
  return p >= 1e-4 ? `${plain((100 * p).toPrecision(3))} %` : fewDigits(p, 2);
}

function ofDecades(decades, digits, negative) {
  let exponent = Math.floor(decades);
  let mantissa = (10 ** (decades - exponent)).toPrecision(digits);
  if (mantissa.startsWith("10")) {
    mantissa = (1).toPrecision(digits);
    exponent += 1;
  }
  return `${negative ? "−" : ""}${mantissa} × 10${superscript(exponent)}`;
}

/** Digits above the line. */
export const superscript = (n) =>
  String(n).replace(/[-0-9]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

function plain(text) {
  const short = text.includes("e") ? String(Number(text)) : text;
  return short.replace("-", "−");
}
