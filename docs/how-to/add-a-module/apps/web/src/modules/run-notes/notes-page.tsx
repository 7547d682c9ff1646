import type { RoomEvent } from '@testcast/contracts';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useLive } from '../../live/live-context.ts';
import { Button } from '../../ui/button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

interface NoteAdded {
  readonly noteId: string;
  readonly text: string;
  readonly author: string;
}

/** What people say of a run, as they say it. */
export function NotesPage() {
  const { projectId, runId } = useParams({ from: '/app/p/$projectId/runs/$runId/notes' });
  const notes = useNotes(projectId, runId);
  return (
    <>
      <h1>Notes on {runId}</h1>
      <ul aria-live="polite">
        {notes.map(({ offset, at, data }) => {
          const { text, author } = data as NoteAdded;
          return (
            <li key={offset}>
              {text} – {author}, <RelativeTime at={at} />
            </li>
          );
        })}
      </ul>
      <AddNote projectId={projectId} runId={runId} />
    </>
  );
}

/** Every note since the first, each once and in order, through reconnects: the client sees to it. */
function useNotes(projectId: string, runId: string): readonly RoomEvent[] {
  const { connection } = useLive().client;
  const [notes, setNotes] = useState<readonly RoomEvent[]>([]);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setNotes([]);
    const watch = connection.watchStream(`notes:${projectId}/${runId}`, {
      offset: 0,
      onEvents: (events) => setNotes((known) => [...known, ...events]),
      // The log's past is not what it was: from the beginning again.
      onReset: () => setAttempt((count) => count + 1),
    });
    return () => watch.close();
  }, [connection, projectId, runId, attempt]);
  return notes;
}

function AddNote({ projectId, runId }: { projectId: string; runId: string }) {
  const { connection } = useLive().client;
  const [text, setText] = useState('');
  const add = async () => {
    await connection.request('run-notes.add', { projectId, runId, noteId: crypto.randomUUID(), text });
    setText('');
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label>
        Note <input value={text} onChange={(event) => setText(event.target.value)} maxLength={2000} required />
      </label>
      <Button type="submit">Add</Button>
    </form>
  );
}
