import { useEffect, useState } from 'react';
import { useLive } from '../../../live/live-context.ts';
import { useWatchedRun } from '../run/watched-run-context.ts';
import { AnsiText } from './ansi-text.tsx';
import styles from './detail.module.css';
import { followOutput, type OutputView } from './follow-output.ts';

/** The end of what the test has printed, live. */
export function OutputTail({ testKey }: { testKey: string }) {
  const { client } = useLive();
  const { ref } = useWatchedRun();
  const [output, setOutput] = useState<OutputView>({ text: '', isCut: false });
  useEffect(() => followOutput(client, ref, testKey, setOutput), [client, ref, testKey]);
  if (output.text === '') return null;
  return (
    <section>
      <h3 className={styles.outputHead}>
        Output{output.isCut && <span className={styles.about}> the end of it</span>}
        {output.error !== undefined && <span className={styles.error}> stands still: {output.error}</span>}
      </h3>
      <pre className={styles.output} tabIndex={0}>
        <AnsiText text={output.text} />
      </pre>
    </section>
  );
}
