import type { Request } from 'express';
import { originOf } from '#platform/http';
import type { AccessOptions } from './access.options.ts';

/** The socket's URL as the client of this request can reach it. */
export function socketUrlFor(request: Request, options: AccessOptions): string {
  if (options.publicStreamUrl !== undefined) return options.publicStreamUrl;
  const url = new URL('/stream', options.publicUrl ?? originOf(request));
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (options.streamPort !== undefined) url.port = String(options.streamPort);
  return url.href;
}
