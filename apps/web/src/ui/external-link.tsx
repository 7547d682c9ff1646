import type { ReactNode } from 'react';
import { safeLink } from '../format/safe-link.ts';

/** A link that a sender gave; only its text where following it would not lead to a page of the web. */
export function ExternalLink({ to, children }: { to: string | undefined; children: ReactNode }) {
  const href = safeLink(to);
  return href === undefined ? children : <a href={href}>{children}</a>;
}
