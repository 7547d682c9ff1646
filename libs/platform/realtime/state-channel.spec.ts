import { performance } from 'node:perf_hooks';
import type { StateItem } from '@testcast/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '#platform/testing';
import { defaultTuning, type RealtimeTuning } from './realtime-options.ts';
import { ReadPlaces } from './read-places.ts';
import { defineRoom, type StateRead } from './room.ts';
import { StateChannel, type StateMember } from './state-channel.ts';

/** A read model whose projection is as far as it is told to be. */
class Board {
  readonly rows = new Map<string, StateItem>();
  readonly checkpoints = new Map<number, number>();
  readonly asked: string[][] = [];
  windows = 0;
  failing = false;
  hold: Promise<void> | undefined;

  put(key: string, version: number): void {
    this.rows.set(key, { key, version, value: { at: version } });
  }
  async window(): Promise<StateItem[]> {
    this.windows += 1;
    const items = [...this.rows.values()];
    await this.hold;
    return items;
  }
  async read(keys: readonly string[]): Promise<StateRead> {
    this.asked.push([...keys]);
    if (this.failing) throw new Error('the store is away');
    const items = keys.map((key) => this.rows.get(key)).filter((row) => row !== undefined);
    return { items, checkpoints: new Map(this.checkpoints) };
  }
}

class Recorder implements StateMember {
  readonly changes: string[] = [];
  windows = 0;
  change(changed: ReadonlyMap<string, number>): void {
    this.changes.push(...changed.keys());
  }
  sendWindow(): void {
    this.windows += 1;
  }
}

let channel: StateChannel | undefined;
afterEach(() => channel?.close());

function world(tuning: Partial<RealtimeTuning> = {}) {
  const board = new Board();
  const reports: string[] = [];
  const room = defineRoom({
    kind: 'state',
    pattern: 'board:{projectId}',
    projectOf: ({ projectId }) => projectId!,
    window: () => board.window(),
    read: (_params, keys) => board.read(keys),
    markOf: () => undefined,
  });
  const state = (channel = new StateChannel(
    'board:shop',
    room,
    { projectId: 'shop' },
    {
      tuning: { ...defaultTuning, ...tuning },
      places: new ReadPlaces(1),
      report: (what) => reports.push(what),
    },
  ));
  const member = new Recorder();
  state.add(member);
  return { board, state, member, reports };
}

/** Lets what is due now run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a state room', () => {
  it('does not let a row that waits for its projection hold up the others', async () => {
    const { board, state, member } = world({ stateEveryMs: 20 });
    await state.open();
    state.mark('parked', 1, 10);
    // Each try that comes too early doubles the wait.
    await eventually(() => expect(board.asked).toHaveLength(5), { every: 1 });
    board.put('news', 1);
    board.checkpoints.set(2, 1);
    state.mark('news', 2, 1);
    await eventually(() => expect(member.changes).toEqual(['news']));
    expect(board.asked.slice(5)).toEqual([['news']]);
  });

  it('looks again soon after it was opened: what was projected during the opening had no mark', async () => {
    const { board, state, member } = world();
    await state.open();
    board.put('run', 1);
    let now = performance.now();
    for (let seconds = 0; seconds < 10; seconds++) {
      state.tick((now += 1000));
      await turn();
    }
    expect(member.changes).toEqual(['run']);
    // And less and less often: 1, 2, 4 … seconds.
    expect(board.windows).toBeLessThan(6);
  });

  it('forgets the marks of another history, whose positions may never come', async () => {
    const { board, state, member } = world({ stateEveryMs: 20 });
    await state.open();
    state.mark('a', 1, 1_000_000);
    await eventually(() => expect(board.asked.length).toBeGreaterThan(0), { every: 1 });
    state.refresh(true);
    state.tick(performance.now());
    await eventually(() => expect(member.windows).toBe(1));
    const { length } = board.asked;
    state.mark('b', 1, 2);
    await eventually(() => expect(board.asked.length).toBeGreaterThan(length));
    expect(board.asked.slice(length).flat()).not.toContain('a');
  });

  it('replaces its rows when the history became another one while it was opened', async () => {
    const { board, state, member } = world();
    board.put('a', 9);
    let opened: (() => void) | undefined;
    board.hold = new Promise((resolve) => (opened = resolve));
    const opening = state.open();
    state.refresh(true);
    board.rows.clear();
    board.put('a', 3);
    opened!();
    await opening;
    state.tick(performance.now());
    await eventually(() => expect(member.windows).toBe(1));
    expect(state.rows.versionOf('a')).toBe(3);
  });

  it('says once that the store is away, and goes on when it is back', async () => {
    const { board, state, member, reports } = world({ stateEveryMs: 5 });
    await state.open();
    board.failing = true;
    board.put('a', 1);
    board.checkpoints.set(1, 1);
    state.mark('a', 1, 1);
    await eventually(() => expect(board.asked.length).toBeGreaterThan(2));
    expect(reports).toHaveLength(1);
    board.failing = false;
    await eventually(() => expect(member.changes).toEqual(['a']));
  });
});
