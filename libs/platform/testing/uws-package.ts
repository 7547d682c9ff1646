import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where scripts/fetch-uws.sh puts uWebSockets.js. */
export const uwsPackage = path.join(homedir(), '.cache', 'testcast', 'uws', 'node_modules', 'uWebSockets.js');

/**
 * Whether tests can run on uWebSockets.js. If not, one loud line says why: it has no binding for this line of Node.js, where
 * they do not apply, or it was not fetched, where they are skipped.
 *
 * @throws Error instead of skipping when CI is set
 */
export function hasUws(): boolean {
  if (!existsSync(uwsPackage)) {
    const message = `no uWebSockets.js at ${uwsPackage}. Run scripts/fetch-uws.sh.`;
    if (process.env['CI']) throw new Error(message);
    console.warn(`\n*** TESTS ON UWEBSOCKETS.JS ARE SKIPPED: ${message} ***\n`);
    return false;
  }
  const { platform, arch, versions } = process;
  const binding = `uws_${platform}_${arch}_${versions.modules}.node`;
  try {
    createRequire(import.meta.url)(path.join(uwsPackage, 'binaries', binding));
    return true;
  } catch {
    console.warn(
      `\n*** TESTS ON UWEBSOCKETS.JS DO NOT APPLY: there is no ${binding} for Node.js ${versions.node} ***\n`,
    );
    return false;
  }
}
