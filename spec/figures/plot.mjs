/*
 * Draws growth.json into the chapters on performance, between their two marks.
 *
 *   node spec/figures/plot.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';

const data = JSON.parse(readFileSync(new URL('growth.json', import.meta.url), 'utf8'));
const MARKS = ['<!-- figure: growth -->', '<!-- end of figure -->'];

const FIGURES = [
  {
    chapter: 'echo',
    label: 'microseconds for each block or message, on logarithmic axes',
    panels: [
      { curve: 'download', title: 'download, by blocks of the feed' },
      { curve: 'deliver', title: 'delivery, by number of feeds' },
    ],
  },
  {
    chapter: 'halo',
    label: 'microseconds for each credential, on logarithmic axes',
    panels: [
      { curve: 'heads', title: 'members beside each other, by their number' },
      { curve: 'merges', title: 'members in forks and merges, by their number' },
    ],
  },
];
const COLOURS = ['#0b6e99', '#c2571a'];
const PANEL = { width: 340, height: 220, left: 48, top: 30, inner: 270, tall: 150 };

const names = Object.keys(data);

const decades = (values) => {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return { low, high, list: Array.from({ length: high - low + 1 }, (_, index) => low + index) };
};

const panel = ({ curve, title }, index) => {
  const series = names.map((name) => data[name][curve]);
  const across = decades(series.flat().map(([at]) => at));
  const up = decades(series.flat().map(([, cost]) => cost));
  const place = (value, { low, high }) => (Math.log10(value) - low) / (high - low);
  const x = (value) => (PANEL.left + place(value, across) * PANEL.inner).toFixed(1);
  const y = (value) => (PANEL.top + (1 - place(value, up)) * PANEL.tall).toFixed(1);
  const bottom = PANEL.top + PANEL.tall;
  const right = PANEL.left + PANEL.inner;
  const grid = [
    ...across.list.map((ten) => {
      const at = x(10 ** ten);
      return `<path d="M${at} ${PANEL.top}V${bottom}" class="g"/><text x="${at}" y="${bottom + 14}" text-anchor="middle">${(10 ** ten).toLocaleString('en')}</text>`;
    }),
    ...up.list.map((ten) => {
      const at = y(10 ** ten);
      return `<path d="M${PANEL.left} ${at}H${right}" class="g"/><text x="${PANEL.left - 4}" y="${Number(at) + 3}" text-anchor="end">${10 ** ten}</text>`;
    }),
  ];
  const lines = series.map((points, which) => {
    const path = points.map(([at, cost], first) => `${first ? 'L' : 'M'}${x(at)} ${y(cost)}`).join('');
    const dots = points.map(([at, cost]) => `<circle cx="${x(at)}" cy="${y(cost)}" r="2.5" fill="${COLOURS[which]}"/>`);
    return `<path d="${path}" fill="none" stroke="${COLOURS[which]}" stroke-width="1.5"/>${dots.join('')}`;
  });
  return `<g transform="translate(${index * PANEL.width} 0)"><text x="${PANEL.left}" y="18" font-weight="bold">${title}</text>${grid.join('')}${lines.join('')}</g>`;
};

const legend = names
  .map((name, which) => {
    const left = PANEL.left + which * 180;
    return `<circle cx="${left}" cy="${PANEL.height - 8}" r="4" fill="${COLOURS[which]}"/><text x="${left + 9}" y="${PANEL.height - 4}">${name}</text>`;
  })
  .join('');

for (const { chapter, label, panels } of FIGURES) {
  const svg = [
    `<svg viewBox="0 0 ${PANEL.width * panels.length} ${PANEL.height}" role="img" aria-label="${label}" font-family="sans-serif" font-size="10" fill="currentColor">`,
    '<style>.g{stroke:currentColor;stroke-opacity:.2;fill:none}</style>',
    ...panels.map(panel),
    legend,
    '</svg>',
  ].join('\n');
  const file = new URL(`../src/${chapter}/performance.md`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(MARKS[0]);
  const after = rest.slice(rest.indexOf(MARKS[1]));
  writeFileSync(file, `${before}${MARKS[0]}\n${svg}\n${after}`);
}
