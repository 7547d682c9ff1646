import type { TestDetail } from '@testcast/contracts';
import { useState } from 'react';
import { formatDuration } from '../../../format/duration.ts';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Mark } from '../../../ui/mark.tsx';
import { RelativeTime } from '../../../ui/relative-time.tsx';
import { AnsiText } from './ansi-text.tsx';
import { withoutAnsi } from './ansi.ts';
import styles from './detail.module.css';
import { StackTrace } from './stack-trace.tsx';

type Attempt = TestDetail['attempts'][number];

export function AttemptView({ attempt, startsOpen }: { attempt: Attempt; startsOpen: boolean }) {
  const { error, stack, snippet, parameters } = attempt;
  const [open, setOpen] = useState(startsOpen);
  const hasMore = error !== undefined || stack !== undefined || snippet !== undefined || parameters !== undefined;
  const line = <AttemptLine attempt={attempt} />;
  return (
    <li className={styles.attempt}>
      {hasMore ? (
        <button type="button" className={styles.attemptLine} aria-expanded={open} onClick={() => setOpen(!open)}>
          {line}
          <span aria-hidden="true">{open ? '▾' : '▸'}</span>
        </button>
      ) : (
        <div className={styles.attemptLine}>{line}</div>
      )}
      {hasMore && open && (
        <div className={styles.report}>
          {parameters !== undefined && <Parameters parameters={parameters} />}
          {error !== undefined && (
            <pre className={styles.message} tabIndex={0}>
              <AnsiText text={error.message} />
            </pre>
          )}
          {snippet !== undefined && (
            <pre className={styles.code} tabIndex={0}>
              <AnsiText text={snippet} />
            </pre>
          )}
          {stack !== undefined && <StackTrace stack={stack} message={error?.message} />}
          <CopyButton label="Copy the error" text={withoutAnsi(textOf(attempt))} />
        </div>
      )}
    </li>
  );
}

function AttemptLine({
  attempt: { status, rawStatus, attempt, rerun, shardId, worker, durationMs, late, finishedAt },
}: {
  attempt: Attempt;
}) {
  return (
    <>
      <Mark of={status ?? 'running'} />
      <span>
        attempt {attempt}
        {rerun !== 1 && `, rerun ${rerun}`}
      </span>
      {rawStatus !== undefined && rawStatus !== status && <span className={styles.about}>“{rawStatus}”</span>}
      {shardId !== '' && <span className={styles.about}>shard {shardId}</span>}
      {worker !== undefined && <span className={styles.about}>worker {worker}</span>}
      {durationMs !== undefined && <span className={styles.about}>{formatDuration(durationMs)}</span>}
      {finishedAt !== undefined && (
        <span className={styles.about}>
          <RelativeTime at={finishedAt} />
        </span>
      )}
      {late === true && (
        <span className={styles.late} title="Arrived after the run had ended">
          late
        </span>
      )}
    </>
  );
}

function Parameters({ parameters }: { parameters: Record<string, string> }) {
  return (
    <dl className={styles.parameters}>
      {Object.entries(parameters).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function textOf({ error, stack, snippet }: Attempt): string {
  const message = error?.message ?? '';
  if (stack === undefined) return [message, snippet].filter(Boolean).join('\n\n');
  return stack.includes(message) ? stack : `${message}\n${stack}`;
}
