import { type RefObject, useEffect, useRef, useState } from 'react';

const settleMs = 120;

/** A field whose value is passed on when typing pauses; an empty one as undefined. */
export function SearchField({
  ref,
  label,
  value,
  onChange,
}: {
  ref: RefObject<HTMLInputElement | null>;
  label: string;
  value: string;
  onChange: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value);
  const passedOn = useRef(value);
  // The address changed by itself: back, or a cleared filter.
  useEffect(() => {
    if (value === passedOn.current) return;
    passedOn.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === passedOn.current) return undefined;
    const timer = setTimeout(() => {
      passedOn.current = wanted;
      onChange(wanted === '' ? undefined : wanted);
    }, settleMs);
    return () => clearTimeout(timer);
  });
  return (
    <input
      ref={ref}
      type="search"
      aria-label={label}
      placeholder={`${label}  /`}
      maxLength={200}
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
}
