import { useMemo, useState } from 'react';
import { plural } from '../../../format/count.ts';
import { AnsiText } from './ansi-text.tsx';
import styles from './detail.module.css';
import { shownStack, type StackLine, stackLines, stackParts } from './stack-lines.ts';

const shownLines = 40;

/** A stack with own frames first to the eye, runs of library frames folded, and a long one cut until asked for. */
export function StackTrace({ stack, message }: { stack: string; message: string | undefined }) {
  const [whole, setWhole] = useState(false);
  const lines = useMemo(() => stackLines(shownStack(stack, message)), [stack, message]);
  const parts = useMemo(() => stackParts(whole ? lines : lines.slice(0, shownLines)), [lines, whole]);
  return (
    <>
      <div className={styles.code} tabIndex={0} role="group" aria-label="Stack">
        {parts.map(({ kind, lines: part }, index) =>
          kind === 'folded' ? <Folded key={index} lines={part} /> : <Lines key={index} lines={part} />,
        )}
      </div>
      {!whole && lines.length > shownLines && (
        <button type="button" className={styles.fold} onClick={() => setWhole(true)}>
          Show all {lines.length} lines
        </button>
      )}
    </>
  );
}

function Folded({ lines }: { lines: readonly StackLine[] }) {
  const [open, setOpen] = useState(false);
  if (open) return <Lines lines={lines} />;
  return (
    <button type="button" className={styles.fold} aria-expanded={false} onClick={() => setOpen(true)}>
      ▸ {plural(lines.length, 'frame')} of libraries
    </button>
  );
}

function Lines({ lines }: { lines: readonly StackLine[] }) {
  return lines.map(({ text, isFrame, isOwn }, index) => (
    <div key={index} className={styles.stackLine} data-frame={isFrame} data-own={isOwn}>
      <AnsiText text={text === '' ? ' ' : text} />
    </div>
  ));
}
