// Names the state of the sources, from sizes and times alone: reading some hundred files would take longer than many builds.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const roots = ['apps', 'libs', 'migrations', 'packages', 'scripts'];
const files = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'tsconfig.build.json'];
const ignored = new Set(['node_modules', 'dist', 'coverage', 'fixtures']);

export function currentStamp() {
  const hash = createHash('sha256').update(process.version);
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  };
  const walk = (directory) => {
    const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (ignored.has(entry.name) || /\.spec\.tsx?$/.test(entry.name)) continue;
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) walk(file);
      else add(file);
    }
  };
  files.forEach(add);
  roots.forEach(walk);
  return hash.digest('hex');
}
