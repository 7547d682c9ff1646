import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, describe, expect, it } from 'vitest';
import type { Manifest } from './support/manifest.ts';
import { renderedInstallations } from './support/manifests.ts';
import { hasPromtool } from './support/has-promtool.ts';

interface Rule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Groups {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

const read = (file: string) => readFileSync(file, 'utf8');
const own = mkdtempSync(path.join(tmpdir(), 'testcast-monitoring-'));
afterAll(() => rmSync(own, { recursive: true }));

const rendered = renderedInstallations(own);
const production = rendered.get('production')!;
const named = (objects: readonly Manifest[], kind: string, name: string): Manifest =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)!;
const rulesOf = ({ groups }: Groups): Rule[] => groups.flatMap(({ rules }) => rules);

describe('monitoring on Kubernetes', () => {
  it('is selected by what one file says', () => {
    const { metadata } = parse(read('deploy/kubernetes/components/monitoring/selected-by.yaml')) as Manifest;
    const objects = production.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'));
    expect(objects.length).toBeGreaterThan(5);
    for (const object of objects) expect(object.metadata.labels).toMatchObject(metadata.labels!);
    // Nothing else is touched by it.
    expect(named(production, 'Deployment', 'gateway').metadata.labels).not.toHaveProperty('release');
  });

  it('has the alerts of Prometheus elsewhere, with the namespace (node scripts/prometheus-rule.mjs)', () => {
    const elsewhere = parse(read('deploy/prometheus/alerts.yml')) as Groups;
    const here = structuredClone(named(production, 'PrometheusRule', 'testcast').spec as Groups);
    for (const rule of rulesOf(here)) {
      expect(rule.labels).toHaveProperty('namespace', 'testcast');
      delete (rule.labels as { namespace?: string }).namespace;
    }
    expect(here).toEqual(elsewhere);
  });

  it('has a section on what to do about each alert', () => {
    const alerts = production.filter(({ kind }) => kind === 'PrometheusRule').flatMap(({ spec }) => rulesOf(spec));
    expect(alerts.length).toBeGreaterThan(15);
    for (const { alert } of alerts) expect(read('docs/how-to/on-call.md')).toContain(`\n## ${alert}\n`);
  });

  it('shows the dashboards that there are elsewhere', () => {
    const { data, metadata } = named(production, 'ConfigMap', 'testcast-dashboards');
    expect(metadata.labels).toEqual({ grafana_dashboard: '1' });
    expect(Object.keys(data!).toSorted()).toEqual(['live.json', 'log-and-read-models.json']);
    expect(data!['live.json']).toBe(read('deploy/grafana/dashboards/live.json'));
  });

  it.runIf(hasPromtool())('tells of an archive that gets nothing, and of no backup', () => {
    const rules = named(production, 'PrometheusRule', 'testcast-postgres').spec as Groups;
    writeFileSync(path.join(own, 'rules.yml'), stringify(rules));
    const labels = 'namespace="testcast",pod="testcast-postgres-1"';
    const series = (name: string, values: string) => ({ series: `${name}{${labels}}`, values });
    const archived = (failed: string, last: string) => [
      series('cnpg_pg_stat_archiver_last_failed_time', failed),
      series('cnpg_pg_stat_archiver_last_archived_time', last),
    ];
    const fires = (alertname: string, input_series: object[], eval_time: string, alerts: number) => ({
      interval: '1m',
      input_series,
      alert_rule_test: [
        {
          alertname,
          eval_time,
          exp_alerts: Array.from({ length: alerts }, () => expectedOf(rules, alertname)),
        },
      ],
    });
    const ready = 'cnpg_collector_pg_wal_archive_status{value="ready",pod="testcast-postgres-1",namespace="testcast"}';
    const backup = 'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp';
    const tests = [
      fires('ArchivingFails', archived('60x30', '-1x30'), '10m', 1),
      fires('ArchivingFails', archived('60x30', '120+60x30'), '10m', 0),
      fires('ArchivingFails', [{ series: ready, values: '100x30' }], '10m', 1),
      fires('ArchivingFails', [{ series: ready, values: '3x30' }], '10m', 0),
      fires('BackupMissing', [series(backup, '1x4000')], '38h', 1),
      fires('BackupMissing', [series(backup, '1x1000 60000x3000')], '38h', 0),
    ];
    const file = path.join(own, 'rules.test.yml');
    writeFileSync(file, stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }));
    const { stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    expect(stdout + stderr).toContain('SUCCESS');
    expect(stdout + stderr).not.toContain('FAILED');
  });
});

describe('an Alertmanager of the Prometheus operator', () => {
  const objects = rendered.get('base with alertmanager')!;
  const { spec } = named(objects, 'AlertmanagerConfig', 'testcast');

  it('tells gateways of what Alertmanager tells them of elsewhere', () => {
    const { route, receivers } = parse(read('deploy/alertmanager/alertmanager.yml')) as {
      route: { routes: { receiver: string; matchers: string[] }[] } & Record<string, unknown>;
      receivers: { webhook_configs?: Record<string, unknown>[] }[];
    };
    const [matcher] = spec.route.matchers as { name: string; matchType: string; value: string }[];
    expect([`${matcher!.name} ${matcher!.matchType} "${matcher!.value}"`]).toEqual(route.routes[0]!.matchers);
    expect(spec.route).toMatchObject({
      groupBy: route['group_by'] as string[],
      groupWait: route['group_wait'] as string,
      groupInterval: route['group_interval'] as string,
      repeatInterval: route['repeat_interval'] as string,
    });
    const [webhook] = spec.receivers[0].webhookConfigs as Record<string, unknown>[];
    const elsewhere = receivers[0]!.webhook_configs![0]!;
    expect(webhook).toMatchObject({ sendResolved: elsewhere['send_resolved'], maxAlerts: elsewhere['max_alerts'] });
    expect(new URL(webhook!['url'] as string).pathname).toBe(new URL(elsewhere['url'] as string).pathname);
  });

  it('reaches gateways where they listen, with the token that they believe', () => {
    const [webhook] = spec.receivers[0].webhookConfigs as { url: string; httpConfig: { authorization: object } }[];
    const { hostname, port } = new URL(webhook!.url);
    const service = named(objects, 'Service', 'gateway');
    expect(hostname).toBe(`${service.metadata.name}.testcast.svc.cluster.local`);
    expect(service.spec.ports).toContainEqual({ name: 'http', port: Number(port), targetPort: 'http' });
    expect(named(objects, 'NetworkPolicy', 'alertmanager-to-gateway').spec.ingress[0].ports).toEqual([
      { port: 'http' },
    ]);
    const { volumes } = named(rendered.get('base with alert-responses')!, 'Deployment', 'gateway').spec.template.spec;
    const mounted = (volumes as { secret?: { secretName: string } }[]).flatMap(
      ({ secret }) => secret?.secretName ?? [],
    );
    expect(webhook!.httpConfig.authorization).toEqual({ credentials: { name: mounted[0], key: 'token' } });
  });
});

function expectedOf(rules: Groups, alertname: string): object {
  const { labels, annotations } = rulesOf(rules).find(({ alert }) => alert === alertname) as Rule & {
    annotations: Record<string, string>;
  };
  const pod = alertname === 'ArchivingFails' ? { pod: 'testcast-postgres-1' } : {};
  const summary = annotations['summary']!.replace('{{ $labels.pod }}', 'testcast-postgres-1').replace(
    '{{ $value | humanizeDuration }}',
    '1d 13h 59m 59s',
  );
  return { exp_labels: { ...labels, ...pod }, exp_annotations: { ...annotations, summary } };
}
