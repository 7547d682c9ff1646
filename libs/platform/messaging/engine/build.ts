import type { EntityManager } from 'typeorm';
import type { ProjectionBatch } from '../projection.ts';
import type { ProjectionHandler } from './projection-handler.ts';

/** The table of a build that queries see as `name` while the build is live. */
export const tableOf = (name: string, number: number): string => `${name}_v${number}`;

/**
 * A projection's handler at work on one set of tables. Checkpoints and parked streams are kept for each by itself, so that
 * a new set can be filled beside the one that is read.
 */
export class Build {
  /** The tables are being filled; nobody reads them yet. */
  filling: boolean;

  /** The epoch of the log whose events it is given; of another, its checkpoints do not move. */
  readonly epoch: string | undefined;

  /** @param version the number of the tables; of a projection without tables of its own, the version of its code */
  constructor(
    readonly handler: ProjectionHandler,
    readonly version: number,
    { filling = false, epoch }: { filling?: boolean; epoch?: string | undefined } = {},
  ) {
    this.filling = filling;
    this.epoch = epoch;
  }

  /** The same tables, for what the log has in another epoch. */
  in(epoch: string | undefined): Build {
    return new Build(this.handler, this.version, { filling: this.filling, epoch });
  }

  get name(): string {
    return this.handler.name;
  }

  get events(): readonly string[] {
    return this.handler.events;
  }

  /** Whether there are tables of its own, which a rebuild replaces. */
  get hasTables(): boolean {
    return this.handler.tables !== undefined;
  }

  /** @returns the tables by the names that queries read, in the order in which they were declared */
  tables(): { name: string; table: string; indexes: readonly string[]; create: string }[] {
    return Object.entries(this.handler.tables ?? {}).map(([name, declared]) => {
      const table = tableOf(name, this.version);
      return { name, table, create: declared.create(table), indexes: declared.indexes?.(table) ?? [] };
    });
  }

  /** @param live number of the build that queries read. @returns statements by which this one takes over what it has */
  inheritance(live: number): readonly string[] {
    const table = (name: string): string => tableOf(name, live);
    return this.handler.inherit?.({ live: { number: live, table }, table: (name) => this.tableOf(name) }) ?? [];
  }

  async apply(batch: ProjectionBatch, tx: EntityManager): Promise<void> {
    await this.handler.apply(batch, { tx, table: (name) => this.tableOf(name), filling: this.filling });
  }

  private tableOf(name: string): string {
    if (this.handler.tables?.[name] === undefined) throw new Error(`${this.name} has not declared a table "${name}"`);
    return tableOf(name, this.version);
  }
}
