import { randomUUID } from 'node:crypto';
import type { Needs, TestCaller } from './callers.ts';
import type { GatewayUnderTest } from './gateway-under-test.ts';

export interface MessageRow {
  readonly type: string;
  readonly needs: Needs;
  readonly data: (gateway: GatewayUnderTest, caller: TestCaller) => unknown;
}

const fresh = () => ({ projectId: 'shop', runId: randomUUID() });
const existing = async (gateway: GatewayUnderTest) => ({ projectId: 'shop', runId: await gateway.newRun() });
const passed = { kind: 'test.finished', at: 1, testId: 'a', status: 'passed', durationMs: 1 };

/** Every message that a client may send. Made anew for each caller, so that none finds what another has left. */
export const messageTable: readonly MessageRow[] = [
  { type: 'ping', needs: 'credentials', data: () => ({}) },
  { type: 'auth.refresh', needs: 'credentials', data: (_, { token }) => ({ token }) },
  { type: 'room.subscribe', needs: 'read', data: () => ({ room: 'run:shop/r1' }) },
  // Of a room that one is not in.
  { type: 'room.unsubscribe', needs: 'credentials', data: () => ({ room: 'run:shop/other' }) },
  { type: 'run.start', needs: 'write', data: fresh },
  { type: 'run.finish', needs: 'write', data: existing },
  { type: 'run.cancel', needs: 'write', data: existing },
  { type: 'results.report', needs: 'write', data: () => ({ ...fresh(), items: [passed] }) },
];

export interface RoomRow {
  readonly pattern: string;
  readonly needs: Needs;
  readonly room: string;
}

/** Every room; each also of a run that nobody has started. */
export const roomTable: readonly RoomRow[] = [
  { pattern: 'run:{projectId}/{runId}', needs: 'read', room: 'run:shop/never-started' },
  { pattern: 'output:{projectId}/{runId}/{testKey}', needs: 'read', room: 'output:shop/never-started/_' },
  { pattern: 'project:{projectId}', needs: 'read', room: 'project:shop' },
  { pattern: 'newest-runs', needs: 'all projects', room: 'newest-runs' },
  { pattern: 'run-summary:{projectId}/{runId}', needs: 'read', room: 'run-summary:shop/never-started' },
  { pattern: 'cluster', needs: 'everything', room: 'cluster' },
];
