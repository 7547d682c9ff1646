// Puts each process into one file, dist/run/<app>/main.js: to find and read two thousand modules takes a second and a half of
// a start, which is what clients wait for when the only gateway comes back. What tsc wrote stays beside it, for tests and commands.
import { existsSync, readFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

/** What few processes need stays outside: it is loaded, by `import()`, by those that do. */
const loadedWhenWanted = [/^@opentelemetry\/(?!api$)/, '@kubernetes/client-node'];

/** @throws what keeps a process from being put together */
export async function bundle(apps) {
  await Promise.all(apps.map(bundleApp));
}

async function bundleApp(app) {
  const bundled = await rolldown({
    input: `dist/apps/${app}/main.js`,
    platform: 'node',
    external: loadedWhenWanted,
    plugins: [typescriptMaps],
    onLog(level, log, report) {
      // Drivers that libraries can do without, and which are not installed: they ask for them as they run.
      if (log.code === 'UNRESOLVED_IMPORT') return;
      report(level, log);
    },
  });
  await bundled.write({
    file: `dist/run/${app}/main.js`,
    format: 'esm',
    sourcemap: true,
    sourcemapExcludeSources: true,
    codeSplitting: false,
  });
  await bundled.close();
}

/** Without it a stack would end in what tsc wrote. */
const typescriptMaps = {
  name: 'typescript-maps',
  load(id) {
    if (!id.endsWith('.js') || id.includes('node_modules') || !existsSync(`${id}.map`)) return null;
    return { code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') };
  },
};
