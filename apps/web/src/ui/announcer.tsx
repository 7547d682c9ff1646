import { useEffect, useRef, useState } from 'react';

const everyMs = 5000;

/** Reads a text out when it has changed, politely and at most every five seconds: the latest counts. */
export function Announcer({ text }: { text: string }) {
  const [said, setSaid] = useState('');
  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), everyMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="visually-hidden" role="status">
      {said}
    </div>
  );
}
