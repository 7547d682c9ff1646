import { useNavigate } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { asTestcastError } from '@testcast/client';
import { type FormEvent, useState } from 'react';
import { useLive } from '../../../live/live-context.ts';
import { Button } from '../../../ui/button.tsx';
import field from '../../../ui/field.module.css';
import styles from './projects-page.module.css';

/** `wanted`: the name that is filled in already. */
export function CreateProject({ wanted = '' }: { wanted?: string }) {
  const { http } = useLive().client;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [projectId, setProjectId] = useState(wanted);
  const [error, setError] = useState<string>();
  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await http.createProject({ projectId });
      await queries.invalidateQueries({ queryKey: ['projects'] });
      await navigate({ to: '/p/$projectId', params: { projectId } });
    } catch (cause) {
      setError(asTestcastError(cause).message);
    }
  };
  return (
    <form className={field.row} onSubmit={(event) => void create(event)}>
      <input
        aria-label="Id of the new project"
        placeholder="new-project"
        required
        pattern="[a-z0-9\-]{1,64}"
        title="small letters, digits and hyphens, at most 64"
        value={projectId}
        onChange={(event) => setProjectId(event.target.value)}
      />
      <Button type="submit">Create project</Button>
      {error !== undefined && (
        <span role="alert" className={styles.error}>
          {error}
        </span>
      )}
    </form>
  );
}
