import { asTestcastError } from '@testcast/client';
import { useId, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import styles from './cluster-page.module.css';

interface AskFirstProps {
  readonly label: string;
  /** For screen readers, where the label alone does not say what it is about. */
  readonly about: string;
  /** What will happen, in a sentence. */
  readonly will: string;
  readonly act: () => Promise<unknown>;
}

/** A button that says what it will do and asks once more; what went wrong is shown beside it. */
export function AskFirst({ label, about, will, act }: AskFirstProps) {
  const [asking, setAsking] = useState(false);
  const [closed, setClosed] = useState(false);
  const [acting, setActing] = useState(false);
  const [error, setError] = useState<string>();
  const explanation = useId();
  const close = (): void => {
    setAsking(false);
    setClosed(true);
  };
  const confirm = async (): Promise<void> => {
    setActing(true);
    setError(undefined);
    try {
      await act();
      close();
    } catch (cause) {
      setError(asTestcastError(cause).message);
    } finally {
      setActing(false);
    }
  };
  if (!asking) {
    return (
      // Who goes by the keyboard comes back to where they were.
      <Button autoFocus={closed} onClick={() => setAsking(true)} aria-label={`${label} ${about}`}>
        {label}
      </Button>
    );
  }
  return (
    <div
      className={styles.asking}
      role="group"
      aria-label={`${label} ${about}?`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
      }}
    >
      <p id={explanation}>{will}</p>
      {error !== undefined && (
        <p role="alert" className={styles.error}>
          {error}
        </p>
      )}
      <Button
        tone="primary"
        autoFocus
        disabled={acting}
        aria-describedby={explanation}
        aria-label={`${label} ${about} now`}
        onClick={() => void confirm()}
      >
        {label} now
      </Button>
      <Button onClick={close}>Leave it</Button>
    </div>
  );
}
