import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresEventStore, RecordedEvent } from '#platform/event-store';

interface Projection {
  apply(
    batch: readonly RecordedEvent[],
    context: { tx: EntityManager; table: (name: string) => string },
  ): Promise<void>;
}

/** Applies what the first build of a projection has not read of a slot, and moves its checkpoint, as the engine does. */
export async function projectSlot(
  { database, store }: { readonly database: DataSource; readonly store: PostgresEventStore },
  slot: number,
  name: string,
  projection: Projection,
): Promise<void> {
  await database.transaction(async (tx) => {
    const [known] = await tx.query<{ position: number }[]>(
      `select position::float8 as position from projection_checkpoints
       where projection = $1 and version = 1 and slot = $2`,
      [name, slot],
    );
    const events = await store.readSlot(slot, known?.position ?? 0);
    await projection.apply(events, { tx, table: (table) => `${table}_v1` });
    await tx.query(
      `insert into projection_checkpoints (projection, version, slot, position) values ($1, 1, $2, $3)
       on conflict (projection, version, slot) do update set position = excluded.position`,
      [name, slot, events.at(-1)?.position ?? known?.position ?? 0],
    );
  });
}
