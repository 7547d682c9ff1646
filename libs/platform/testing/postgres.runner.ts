import { inject, type RunnerTask, TestRunner } from 'vitest';
import './database.ts';

/** Skips every test of a project whose global setup found no PostgreSQL, so that the closing line counts them. */
export default class PostgresRunner extends TestRunner {
  onBeforeRunFiles(files: RunnerTask[]): void {
    if (inject('postgresUrl') === '') files.forEach(skip);
  }
}

function skip(task: RunnerTask): void {
  task.mode = 'skip';
  if ('tasks' in task) task.tasks.forEach(skip);
}
