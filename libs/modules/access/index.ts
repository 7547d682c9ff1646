export { EnsureProject } from './commands/ensure-project.ts';
export { ListRetentions } from './queries/list-retentions.ts';
export { RequireProject } from './queries/require-project.ts';
