import { Link } from '@tanstack/react-router';
import { usePageTitle } from '../ui/use-page-title.ts';
import { Notice } from '../ui/notice.tsx';

export function NotFoundPage() {
  usePageTitle('Not found');
  return (
    <Notice title="There is no such page">
      <p>The address may have been cut off when it was copied.</p>
      <p>
        <Link to="/">Go to the projects</Link>
      </p>
    </Notice>
  );
}
