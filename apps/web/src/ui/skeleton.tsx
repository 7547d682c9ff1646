import { useEffect, useState } from 'react';
import styles from './skeleton.module.css';

const patienceMs = 150;

/** Grey rows where something will be; not before 150 ms, since what flashes by reads as a fault. */
export function Skeleton({ rows }: { rows: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div className={styles.skeleton} role="status">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles.row} />
      ))}
    </div>
  );
}
