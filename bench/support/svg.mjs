// A line plot as SVG: small, and readable in light and dark pages.

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = { top: 16, right: 16, bottom: 44, left: 64 };
const COLOURS = ['#0969da', '#cf222e', '#1a7f37', '#9a6700'];

const escaped = (text) => text.replace(/[<>&]/g, (character) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[character]);
const short = (number) => (number >= 10_000 ? number.toLocaleString('en') : String(Number(number.toPrecision(2))));

/** @param {number} least @param {number} most @param {boolean} logarithmic */
function ticksOf(least, most, logarithmic) {
  if (logarithmic) {
    const first = Math.floor(Math.log10(least));
    return Array.from({ length: Math.ceil(Math.log10(most)) - first + 1 }, (_, i) => 10 ** (first + i));
  }
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

/** @param {number[]} ticks @param {boolean} logarithmic @param {number} from @param {number} to */
function scaleOf(ticks, logarithmic, from, to) {
  const place = logarithmic ? Math.log10 : (number) => number;
  const [first, last] = [place(ticks[0]), place(ticks.at(-1))];
  return (number) => from + ((place(number) - first) / (last - first || 1)) * (to - from);
}

/** @param {import('./measure.mjs').Report['plots'][number]} plot @returns {string} */
export function svgOf({ x, y, logarithmic = false, lines }) {
  const points = lines.flatMap((line) => line.points);
  const xs = ticksOf(Math.min(...points.map(([at]) => at)), Math.max(...points.map(([at]) => at)), logarithmic);
  const ys = ticksOf(Math.min(...points.map(([, value]) => value)), Math.max(...points.map(([, value]) => value)), logarithmic);
  const scaleX = scaleOf(xs, logarithmic, MARGIN.left, WIDTH - MARGIN.right);
  const scaleY = scaleOf(ys, logarithmic, HEIGHT - MARGIN.bottom, MARGIN.top);
  const grid = [
    ...xs.map((at) => `<path d="M${scaleX(at).toFixed(1)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}"/>`),
    ...ys.map((at) => `<path d="M${MARGIN.left} ${scaleY(at).toFixed(1)}H${WIDTH - MARGIN.right}"/>`),
  ];
  const labels = [
    ...xs.map((at) => `<text x="${scaleX(at).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${short(at)}</text>`),
    ...ys.map((at) => `<text x="${MARGIN.left - 6}" y="${(scaleY(at) + 4).toFixed(1)}" text-anchor="end">${short(at)}</text>`),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(x)}</text>`,
    `<text x="14" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 ${HEIGHT / 2})">${escaped(y)}</text>`,
  ];
  const drawn = lines.flatMap(({ name, points: line }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const path = line.map(([at, value]) => `${scaleX(at).toFixed(1)} ${scaleY(value).toFixed(1)}`);
    return [
      `<path d="M${path.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...line.map(([at, value]) => `<circle cx="${scaleX(at).toFixed(1)}" cy="${scaleY(value).toFixed(1)}" r="3" fill="${colour}"/>`),
      `<text x="${MARGIN.left + 12}" y="${MARGIN.top + 16 + 16 * i}" fill="${colour}">${escaped(name)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<g stroke="#8c959f" stroke-opacity="0.35">${grid.join('')}</g>`,
    `<g fill="#6e7781">${labels.join('')}</g>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}
