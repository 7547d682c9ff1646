import type { ComponentProps } from 'react';
import styles from './button.module.css';

export function Button({
  tone = 'plain',
  className = '',
  ...rest
}: ComponentProps<'button'> & { tone?: 'plain' | 'primary' | 'danger' | undefined }) {
  return <button type="button" {...rest} className={`${styles.button} ${className}`} data-tone={tone} />;
}
