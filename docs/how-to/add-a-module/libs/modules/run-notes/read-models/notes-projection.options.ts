/** The projection of notes: a change of its rows raises the version, and the rows are made anew beside those there are. */
export const notesProjection = {
  name: 'run-notes',
  version: 1,
  events: ['note.added'],
  tables: { run_notes: { create: createRunNotes } },
};

function createRunNotes(table: string): string {
  return `create table if not exists ${table} (
    project_id text collate "C" not null,
    run_id text collate "C" not null,
    version bigint not null,
    note_id uuid not null,
    text text not null,
    author text not null,
    at bigint not null,
    primary key (project_id, run_id, version)
  )`;
}
