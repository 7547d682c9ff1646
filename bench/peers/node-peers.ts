import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { LiveTarget } from '../live/live-target.ts';
import { installPeers } from './peer-packages.ts';

/** Where a peer's process listens: for subscribers, and for the publisher. */
interface Listening {
  readonly port: number;
  readonly entry: number;
}

/** Socket.IO as its documentation sets it up for WebSocket alone; compression off, as its default is. */
export async function startSocketIo({ recovery }: { recovery: boolean }): Promise<LiveTarget> {
  installPeers();
  const { child, port, entry } = await startPeer('socketio-server.process.js', recovery ? ['recovery'] : []);
  return target(recovery ? 'Socket.IO with recovery' : 'Socket.IO', 'socketio', child, { port, entry });
}

/** What is written first: `ws`, a set of sockets a room, JSON.stringify once and send to each. */
export async function startPlain(): Promise<LiveTarget> {
  const { child, port, entry } = await startPeer('plain-server.process.js', []);
  return target('plain ws', 'plain', child, { port, entry });
}

function target(
  name: string,
  dialect: 'socketio' | 'plain',
  child: ChildProcess,
  { port, entry }: Listening,
): LiveTarget {
  return {
    name,
    subscribe: { dialect, ports: [port], room: 'r%' },
    publish: { to: 'batches', url: `ws://127.0.0.1:${entry}`, room: 'r%' },
    processes: { server: child.pid! },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function startPeer(script: string, args: string[]): Promise<Listening & { child: ChildProcess }> {
  const child = fork(new URL(script, import.meta.url), args, {
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const listening = await Promise.race([
    once(child, 'message').then(([message]) => message as Listening),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with ${String(code)}`))),
  ]);
  return { child, ...listening };
}
