// Draws which part of the house uses which, as a Mermaid diagram in docs/dependencies.md.
//   node scripts/dependency-graph.mjs          writes it
//   node scripts/dependency-graph.mjs --check  fails when it is out of date
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from './cruise.mjs';

export const graphFile = 'docs/dependencies.md';

const floors = [
  { title: 'apps', pattern: /^apps\/[^/]+(?=\/)/ },
  { title: 'modules', pattern: /^libs\/modules\/[^/]+(?=\/)/ },
  { title: 'platform', pattern: /^libs\/platform\/[^/]+(?=\/)/ },
  { title: 'packages', pattern: /^packages\/[^/]+(?=\/)/ },
  { title: 'database', pattern: /^migrations(?=\/)/ },
];
const leftOut = /\.spec\.tsx?$|(^|\/)fixtures\/|^libs\/platform\/testing\/|^test\/|^bench\//;

const roomOf = (file) => floors.map(({ pattern }) => pattern.exec(file)?.[0]).find(Boolean);
const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

export function isUpToDate(result) {
  return existsSync(graphFile) && readFileSync(graphFile, 'utf8') === page(result);
}

function page({ modules }) {
  const rooms = new Set();
  const uses = new Set();
  for (const { source, dependencies } of modules) {
    const from = leftOut.test(source) ? undefined : roomOf(source);
    if (!from) continue;
    rooms.add(from);
    for (const { resolved } of dependencies) {
      const to = leftOut.test(resolved) ? undefined : roomOf(resolved);
      if (to && to !== from) uses.add(`${id(from)} --> ${id(to)}`);
    }
  }
  return [
    '# Dependencies',
    '',
    'Which part uses which, made from the imports by `npm run deps:graph`. The rules are in `.dependency-cruiser.cjs`;',
    '`npm run check` fails when one is broken, or when this picture is out of date. Tests are left out.',
    '',
    '```mermaid',
    'flowchart LR',
    ...floors.flatMap((floor) => drawFloor(floor, [...rooms].sort(byName))),
    ...[...uses].sort(byName).map((use) => `  ${use}`),
    '```',
    '',
  ].join('\n');
}

function drawFloor({ title, pattern }, rooms) {
  const own = rooms.filter((room) => pattern.test(`${room}/`));
  if (own.length === 0) return [];
  return [`  subgraph ${title}`, ...own.map((room) => `    ${id(room)}["${path.basename(room)}"]`), '  end'];
}

/** Mermaid takes some words, such as "end", for its own; no path is one. */
function id(room) {
  return room.replaceAll(/[^a-z0-9]/g, '_');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(path.resolve(import.meta.dirname, '..'));
  const result = await cruise();
  if (!process.argv.includes('--check')) writeFileSync(graphFile, page(result));
  else if (!isUpToDate(result)) {
    console.error(`${graphFile} is out of date: npm run deps:graph`);
    process.exit(1);
  }
}
