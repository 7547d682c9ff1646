import type { RunDescription, RunEventType } from '@testcast/contracts';

/** How long a run may be quiet where nobody said: PROTOCOL "The end of a run". */
export const defaultQuietAfterMs = 30 * 60_000;

/** What an event says about how long its run may be quiet, beside being a sign of life. */
export interface RunSign {
  /** true = the run waits for more from here on, false = it has ended. */
  readonly open?: boolean | undefined;
  readonly quietAfterMs?: number | undefined;
}

const nothing: RunSign = {};
const signs: Partial<Record<string, RunSign>> = {
  'run.started': { open: true },
  'run.reopened': { open: true },
  'run.finished': { open: false },
  'run.interrupted': { open: false },
  'run.cancelled': { open: false },
} satisfies Partial<Record<RunEventType, RunSign>>;

/** @param data of `run.described`; called for no other type, since it has to be parsed */
export function signOf(type: string, data: () => RunDescription): RunSign {
  if (type !== 'run.described') return signs[type] ?? nothing;
  const { quietAfterMs } = data();
  return quietAfterMs === undefined ? nothing : { quietAfterMs };
}
