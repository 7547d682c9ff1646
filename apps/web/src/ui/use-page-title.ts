import { useEffect } from 'react';

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Testcast' : `${title} · Testcast`;
  }, [title]);
}
