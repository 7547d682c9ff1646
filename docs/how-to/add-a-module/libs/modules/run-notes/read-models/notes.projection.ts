import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { dataOf } from '#platform/event-store';
import { type ProjectionBatch, type ProjectionContext, Projection } from '#platform/messaging';
import type { NoteAdded } from '../contracts.ts';
import { notesProjection } from './notes-projection.options.ts';

/** Keeps a row for each note. One statement a batch, in the transaction of the checkpoint. */
@Controller()
export class NotesProjection {
  @Projection(notesProjection)
  async apply(@Payload() batch: ProjectionBatch, @Ctx() { tx, table }: ProjectionContext): Promise<void> {
    const rows = batch.map((event) => {
      const [, projectId, runId] = /^notes:([^/]+)\/(.+)$/.exec(event.stream)!;
      const { noteId, text, author } = dataOf<NoteAdded>(event);
      return {
        project_id: projectId,
        run_id: runId,
        version: event.version,
        note_id: noteId,
        text,
        author,
        at: event.at,
      };
    });
    await tx.query(insertNotes(table('run_notes')), [JSON.stringify(rows)]);
  }
}

function insertNotes(table: string): string {
  return `
    insert into ${table} (project_id, run_id, version, note_id, text, author, at)
    select project_id, run_id, version, note_id, text, author, at
    from json_to_recordset($1::json)
      as note (project_id text, run_id text, version bigint, note_id uuid, text text, author text, at bigint)
    on conflict do nothing`;
}
