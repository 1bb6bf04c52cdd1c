// Whether something grows.

/** @param {number[]} values one for each moment @returns {number} for each moment, by least squares */
export function slopeOf(values) {
  const n = values.length;
  if (n < 2) return 0;
  const meanX = (n - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / n;
  let over = 0;
  let under = 0;
  values.forEach((value, x) => {
    over += (x - meanX) * (value - meanY);
    under += (x - meanX) ** 2;
  });
  return over / under;
}

/** @param {number[]} values @returns {number} the median of the last quarter, less that of the first */
export function grown(values) {
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const median = (/** @type {number[]} */ some) => [...some].sort((a, b) => a - b)[Math.floor(some.length / 2)] ?? 0;
  return median(values.slice(-quarter)) - median(values.slice(0, quarter));
}
