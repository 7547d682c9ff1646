import type { CompressedRooms } from './compressed-rooms.ts';
import { UwsEngine } from './engine.uws.ts';
import { WsEngine } from './engine.ws.ts';
import type { ProxiedPeers } from './proxied-peers.uws.ts';
import type { RealtimeEngine } from './realtime-engine.ts';
import { defaultUwsPackage, loadUws } from './uws-binding.ts';

export interface EngineChoice {
  /** `auto`: uws where its native binding is installed, else ws. */
  readonly engine: 'auto' | 'ws' | 'uws';
  /** Where uws listens; ws shares the application's port. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Name or absolute path of uWebSockets.js. */
  readonly uwsPackage?: string | undefined;
  /** What ws compresses for clients that ask for it; uws never does. */
  readonly compressed?: CompressedRooms | undefined;
  /** Who may, or has to, say by the PROXY protocol whom they speak for, where the engine listens itself; default nobody. */
  readonly proxied?: ProxiedPeers | undefined;
}

/** @throws UwsMissing when uws is asked for and cannot be loaded */
export function chooseEngine({ engine, host, port, uwsPackage, compressed, proxied }: EngineChoice): RealtimeEngine {
  if (engine === 'ws') return new WsEngine({ compressed });
  const uws = loadUws(uwsPackage ?? defaultUwsPackage);
  if (!(uws instanceof Error)) return new UwsEngine(uws, { host, port, proxied });
  if (engine === 'auto') return new WsEngine({ compressed });
  throw new UwsMissing(uwsPackage ?? defaultUwsPackage, uws);
}

export class UwsMissing extends Error {
  override readonly name = 'UwsMissing';

  constructor(uwsPackage: string, cause: Error) {
    super(
      `STREAM_ENGINE is uws, but ${uwsPackage} cannot be loaded: ${cause.message.split('\n', 1)[0]}. Install ` +
        'uWebSockets.js for this Node.js beside Testcast (on Node.js 20: npm install ' +
        'uWebSockets.js@npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0), set UWS_PACKAGE to where it is, or ' +
        'set STREAM_ENGINE to ws.',
      { cause },
    );
  }
}
