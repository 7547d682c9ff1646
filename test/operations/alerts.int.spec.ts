import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { metrics } from '#platform/observability';
import { hasPromtool } from './support/has-promtool.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const alerts = read('deploy/prometheus/alerts.yml');
const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
const dashboards = readdirSync(path.join(root, 'deploy/grafana/dashboards'));

/** Metrics that a text asks for, without what Prometheus adds to the name of a histogram. */
function metricsIn(text: string): Set<string> {
  const found = [...text.matchAll(/\b(?:websocket|testcast)_[a-z_]+/g)].map(([name]) => name);
  return new Set(found.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
}

describe('the alerts', () => {
  it('ask for metrics that there are', () => {
    for (const name of metricsIn(alerts)) expect(Object.keys(metrics)).toContain(name);
  });

  it.each(names)('have a section on what to do about %s', (name) => {
    expect(read('docs/how-to/on-call.md')).toContain(`\n## ${name}\n`);
  });

  it.runIf(hasPromtool())('are valid, and fire when they should and only then', () => {
    const run = (...args: string[]) =>
      execFileSync('promtool', args, { cwd: path.join(root, 'deploy/prometheus'), encoding: 'utf8', stdio: 'pipe' });
    expect(run('check', 'rules', 'alerts.yml')).toContain(`${names.length} rules found`);
    expect(run('check', 'config', 'prometheus.yml')).toContain('SUCCESS');
    expect(run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });
});

describe('the dashboards', () => {
  it.each(dashboards)('%s shows metrics that there are', (file) => {
    const text = read(`deploy/grafana/dashboards/${file}`);
    const { panels } = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
    expect(panels.length).toBeGreaterThan(5);
    const asked = metricsIn(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n'));
    for (const name of asked) expect(Object.keys(metrics)).toContain(name);
  });

  it('show every metric that there is', () => {
    const shown = metricsIn(dashboards.map((file) => read(`deploy/grafana/dashboards/${file}`)).join('\n'));
    // Autoscaling reads it, and it says what websocket_active_connections does.
    const expected = Object.keys(metrics).filter((name) => name !== 'websocket_connections');
    expect(expected.filter((name) => !shown.has(name))).toEqual([]);
  });
});
