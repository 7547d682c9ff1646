import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '@testcast/client/node';

/** Where `npm start` serves when nobody says otherwise. */
export const localUrl = 'http://127.0.0.1:4000';

/** The file that the server of this folder keeps its admin key in: `DATA_DIR` says where, for both. */
export function localKeyFile(env: Environment): string {
  return path.join(env['DATA_DIR']?.trim() || '.testcast', 'admin.key');
}

/**
 * The admin key that a server of this folder keeps, so that the first upload on one's own machine needs no set-up. Only
 * for a server on this machine: the key must not travel to another because somebody forgot to set a token.
 */
export function localAdminKey(url: string, env: Environment): string | undefined {
  const { hostname } = new URL(url);
  if (hostname !== '127.0.0.1' && hostname !== 'localhost' && hostname !== '[::1]') return undefined;
  try {
    return readFileSync(localKeyFile(env), 'utf8');
  } catch {
    return undefined;
  }
}
