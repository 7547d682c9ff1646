import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Seen from the source and from dist/apps/gateway or dist/run/gateway.
const places = ['../web/dist/', '../../../apps/web/dist/'];

/** Directory of the built web UI, or undefined where it has not been built. */
export function findWebRoot(): string | undefined {
  return places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((root) => existsSync(`${root}index.html`));
}
