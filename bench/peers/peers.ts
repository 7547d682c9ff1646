import type { LiveTarget } from '../live/live-target.ts';
import { startCentrifugo } from './centrifugo.ts';
import { startPlain, startSocketIo } from './node-peers.ts';

type Print = (line: string) => void;

const peers: Readonly<Record<string, (print: Print) => Promise<LiveTarget>>> = {
  socketio: () => startSocketIo({ recovery: false }),
  plain: () => startPlain(),
  centrifugo: (print) => startCentrifugo(print),
};

/** @param wanted names with commas between, `all` or `none`. @throws Error for one that there is not */
export function peersOf(wanted: string): ((print: Print) => Promise<LiveTarget>)[] {
  if (wanted === 'none') return [];
  const names = wanted === 'all' ? Object.keys(peers) : wanted.split(',');
  return names.map((name) => {
    const start = peers[name];
    if (start === undefined) throw new Error(`--peers takes ${Object.keys(peers).join(', ')}, all or none`);
    return start;
  });
}
