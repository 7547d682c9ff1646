import { Injectable } from '@nestjs/common';
import { EventStore } from '#platform/event-store';
import { DataSource } from 'typeorm';

const remembered = 10_000;

/** Remembers which projects exist, so that a result does not cost a look-up. Projects are never deleted; a fail-over may lose them. */
@Injectable()
export class KnownProjects {
  private readonly known = new Set<string>();

  constructor(
    private readonly database: DataSource,
    store: EventStore,
  ) {
    store.onOtherHistory(() => this.known.clear());
  }

  async has(projectId: string): Promise<boolean> {
    if (this.known.has(projectId)) return true;
    const rows = await this.database.query<unknown[]>(`select 1 from projects where project_id = $1`, [projectId]);
    if (rows.length > 0) this.add(projectId);
    return rows.length > 0;
  }

  add(projectId: string): void {
    // An unknown id is never remembered: asking for many of them must not push out the real ones.
    if (this.known.size >= remembered) this.known.clear();
    this.known.add(projectId);
  }
}
