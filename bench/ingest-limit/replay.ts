import pg from 'pg';
import type { RecordedStatement } from './recorder.ts';

export interface Replayed {
  readonly seconds: number;
  /** Of this process, which does nothing but send and wait. */
  readonly cpuSeconds: number;
  /** Statements that had not failed when they were recorded, or had: they are counted, whatever the reason. */
  readonly failed: number;
  /** Statements that were let go early, because locks were taken in another order than before. */
  readonly early: number;
}

const opens = /^\s*(begin|start transaction)\b/i;
const closes = /^\s*(commit|rollback(?! to))\b/i;
/** When all wait for somebody who waits for a lock of theirs after all. */
const stuckAfterMs = 1000;

/**
 * Sends statements again as fast as they are answered: each on its connection, and no transaction before the statements
 * have ended that had ended when it was first begun.
 */
export async function replay(url: string, statements: readonly RecordedStatement[]): Promise<Replayed> {
  const connections = byConnection(statements);
  const clients = await Promise.all(connections.map(() => connected(url)));
  const order = new Order(statements.length);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  let failed = 0;
  await Promise.all(
    connections.map(async (own, index) => {
      let inTransaction = false;
      for (const { config, sentAfter, endedAs } of own) {
        // Locks are not taken in the order of before: who holds one must get to its commit, whatever others wait for.
        if (!inTransaction) await order.reached(sentAfter);
        inTransaction = opens.test(config.text) || (inTransaction && !closes.test(config.text));
        await clients[index]!.query(config).catch(() => (failed += 1));
        order.ended(endedAs);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  order.stop();
  await Promise.all(clients.map((client) => client.end()));
  return { seconds, cpuSeconds: (user + system) / 1e6, failed, early: order.early };
}

function byConnection(statements: readonly RecordedStatement[]): RecordedStatement[][] {
  const lists: RecordedStatement[][] = [];
  for (const statement of statements) (lists[statement.connection] ??= []).push(statement);
  return lists;
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** How many statements have ended without a gap, counted as they had ended when they were recorded. */
class Order {
  early = 0;
  private readonly hasEnded: Uint8Array;
  private reachedTo = 0;
  private waiting: { readonly for: number; readonly go: () => void }[] = [];
  private lastProgress = performance.now();
  private readonly watch: NodeJS.Timeout;

  constructor(count: number) {
    this.hasEnded = new Uint8Array(count);
    this.watch = setInterval(() => this.letGo(), stuckAfterMs);
  }

  reached(count: number): Promise<void> | undefined {
    if (this.reachedTo >= count) return undefined;
    return new Promise((go) => this.waiting.push({ for: count, go }));
  }

  ended(index: number): void {
    this.hasEnded[index] = 1;
    this.lastProgress = performance.now();
    while (this.hasEnded[this.reachedTo] === 1) this.reachedTo += 1;
    const still = this.waiting.filter((one) => one.for > this.reachedTo);
    if (still.length === this.waiting.length) return;
    const ready = this.waiting.filter((one) => one.for <= this.reachedTo);
    this.waiting = still;
    for (const { go } of ready) go();
  }

  stop(): void {
    clearInterval(this.watch);
  }

  private letGo(): void {
    if (this.waiting.length === 0 || performance.now() - this.lastProgress < stuckAfterMs) return;
    const { go } = this.waiting.reduce((first, one) => (one.for < first.for ? one : first));
    this.waiting = this.waiting.filter((one) => one.go !== go);
    this.early += 1;
    go();
  }
}
