import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

const shownMs = 2000;

/** Puts a text on the clipboard and says so. Over plain http browsers may have no clipboard: then it says that. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string | undefined }) {
  const [result, setResult] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (result === undefined) return undefined;
    const timer = setTimeout(() => setResult(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setResult('copied');
    } catch {
      setResult('failed');
    }
  };
  return (
    <Button onClick={() => void copy()}>
      <span aria-live="polite">
        {result === 'copied' ? 'Copied' : result === 'failed' ? 'Select and copy by hand' : label}
      </span>
    </Button>
  );
}
