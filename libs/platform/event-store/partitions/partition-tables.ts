import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorSession } from './operator-session.ts';
import {
  attach,
  createApart,
  detach,
  dropCheck,
  dropTable,
  findPartitionTable,
  finishDetach,
  hasRows,
  type PartitionTableRow,
  tableOf,
} from './partition-tables.sql.ts';
import { patiently } from './patiently.ts';
import { listLogUsers } from './log-users.sql.ts';

/** Milliseconds that whoever reads the log since before a table was attached is waited for. */
const readersPatience = 10_000;

/** Tables of the log's partitions. Each method finds out what is left to do, after whatever crash. */
export class PartitionTables {
  constructor(private readonly session: OperatorSession) {}

  async attach(partition: number): Promise<void> {
    if ((await this.stateOf(partition)) !== 'attached') {
      await patiently(() =>
        this.session.transaction(async () => {
          await this.session.run(`set local lock_timeout = '2s'`);
          await this.session.run(createApart(partition));
          await this.session.run(attach(partition));
          await this.session.run(dropCheck(partition));
        }),
      );
    }
    // Also where it was attached before: whoever did so may have been killed while it waited.
    await this.waitForEarlierReaders();
  }

  /** Throws when the table still has rows. */
  async detach(partition: number): Promise<void> {
    const state = await this.stateOf(partition);
    if (state === undefined || state === 'apart') return;
    await this.requireEmpty(partition);
    await this.session.run(state === 'pending' ? finishDetach(partition) : detach(partition));
  }

  async drop(partition: number): Promise<void> {
    const state = await this.stateOf(partition);
    if (state === undefined) return;
    if (state !== 'apart') throw new Error(`${tableOf(partition)} is still a partition of the log`);
    await this.requireEmpty(partition);
    await this.session.run(dropTable(partition));
  }

  private async stateOf(partition: number): Promise<PartitionTableRow['state'] | undefined> {
    const [row] = await this.session.query<PartitionTableRow>(findPartitionTable, [tableOf(partition)]);
    return row?.state;
  }

  private async requireEmpty(partition: number): Promise<void> {
    const [row] = await this.session.query<{ found: boolean }>(hasRows(partition));
    if (row?.found !== false) throw new Error(`${tableOf(partition)} still has rows`);
  }

  /**
   * A statement is planned before it takes its snapshot. One that was planned without the new table must not see a map that
   * sends it there, so those that are under way end before the map is flipped. The limit is for backups, which keep the
   * snapshot that they have.
   */
  private async waitForEarlierReaders(): Promise<void> {
    let earlier = await this.readers();
    for (const deadline = performance.now() + readersPatience; earlier.size > 0 && performance.now() < deadline;) {
      await delay(20);
      const now = await this.readers();
      earlier = new Set([...earlier].filter((reader) => now.has(reader)));
    }
  }

  private async readers(): Promise<Set<string>> {
    const rows = await this.session.query<{ virtualtransaction: string }>(listLogUsers);
    return new Set(rows.map(({ virtualtransaction }) => virtualtransaction));
  }
}
