import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import type { Note } from '../contracts.ts';

/** The notes of a run, oldest first, at most 1,000. */
export class ListNotes extends Query<Note[]> {
  constructor(
    readonly projectId: string,
    readonly runId: string,
  ) {
    super();
  }
}

@QueryHandler(ListNotes)
export class ListNotesHandler implements IQueryHandler<ListNotes> {
  constructor(private readonly database: DataSource) {}

  async execute({ projectId, runId }: ListNotes): Promise<Note[]> {
    return this.database.query<Note[]>(selectNotes, [projectId, runId]);
  }
}

/** From the view: it shows the table of whichever build is live. */
const selectNotes = `
  select note_id as "noteId", text, author, at::float8 as at, version::float8 as version
  from run_notes
  where project_id = $1 and run_id = $2
  order by version
  limit 1000`;
