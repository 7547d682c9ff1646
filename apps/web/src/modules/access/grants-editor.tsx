import type { Grants } from '@testcast/client';
import type { Role } from '@testcast/contracts';
import { useId, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import field from '../../ui/field.module.css';
import styles from './keys-page.module.css';

export interface GrantRow {
  readonly id: number;
  readonly projectId: string;
  readonly role: Role;
}

const roles: readonly (readonly [Role, string])[] = [
  ['read', 'read: watch runs'],
  ['write', 'write: post results'],
  ['admin', 'admin: manage keys too'],
];

/** Rows as grants; of two rows of one project the later one counts. Blank rows are left out. */
export function grantsOf(rows: readonly GrantRow[]): Grants {
  return Object.fromEntries(
    rows.map(({ projectId, role }) => [projectId.trim(), role] as const).filter(([projectId]) => projectId !== ''),
  );
}

export function useGrantRows(first: { projectId: string; role: Role }) {
  return useState<readonly GrantRow[]>([{ id: 1, ...first }]);
}

/** Which project may be touched, and how; `*` is every project. */
export function GrantsEditor({
  rows,
  projects,
  onChange,
}: {
  rows: readonly GrantRow[];
  projects: readonly string[];
  onChange: (rows: readonly GrantRow[]) => void;
}) {
  const list = useId();
  const change = (id: number, part: Partial<GrantRow>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <fieldset className={styles.grants}>
      <legend>May touch</legend>
      <datalist id={list}>
        <option value="*">every project</option>
        {projects.map((projectId) => (
          <option key={projectId} value={projectId} />
        ))}
      </datalist>
      {rows.map(({ id, projectId, role }, index) => (
        <div key={id} className={field.row}>
          <input
            aria-label={`Project ${index + 1}`}
            placeholder="project id, or * for all"
            list={list}
            required
            pattern="\*|[a-z0-9\-]{1,64}"
            title="small letters, digits and hyphens, or * for every project"
            value={projectId}
            onChange={(event) => change(id, { projectId: event.target.value })}
          />
          <select
            aria-label={`Role in project ${index + 1}`}
            value={role}
            onChange={(event) => change(id, { role: event.target.value as Role })}
          >
            {roles.map(([value, says]) => (
              <option key={value} value={value}>
                {says}
              </option>
            ))}
          </select>
          {rows.length > 1 && (
            <Button
              aria-label={`Remove project ${index + 1}`}
              onClick={() => onChange(rows.filter((row) => row.id !== id))}
            >
              Remove
            </Button>
          )}
        </div>
      ))}
      <Button onClick={() => onChange([...rows, { id: rows.at(-1)!.id + 1, projectId: '', role: 'read' }])}>
        Add a project
      </Button>
    </fieldset>
  );
}
