export { EnsureProject } from './commands/ensure-project.ts';
export { RequireProject } from './queries/require-project.ts';
