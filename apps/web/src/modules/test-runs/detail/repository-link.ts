import type { RunSummary } from '@testcast/contracts';
import { safeLink } from '../../../format/safe-link.ts';

type Repository = Pick<RunSummary, 'repositoryUrl' | 'commit'>;

/** Page of the commit, where the run knows repository and commit. GitHub's paths, which Gitea and GitLab take too. */
export function commitLink(run: Repository): string | undefined {
  const base = baseOf(run);
  return base === undefined ? undefined : `${base}/commit/${encodeURIComponent(run.commit!)}`;
}

/** Page of a file at the run's commit; only for paths inside of the repository. */
export function fileLink(run: Repository, file: string, line?: number): string | undefined {
  const base = baseOf(run);
  if (base === undefined || /^([a-z]:|[\\/])/i.test(file) || file.split(/[\\/]/).includes('..')) return undefined;
  const path = file
    .replace(/^\.\//, '')
    .split(/[\\/]/)
    .map((part) => encodeURIComponent(part))
    .join('/');
  return `${base}/blob/${encodeURIComponent(run.commit!)}/${path}${line === undefined ? '' : `#L${line}`}`;
}

function baseOf({ repositoryUrl, commit }: Repository): string | undefined {
  const base = safeLink(repositoryUrl);
  if (base === undefined || commit === undefined) return undefined;
  return base.replace(/(\.git)?\/*$/, '');
}
