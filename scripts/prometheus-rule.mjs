// node scripts/prometheus-rule.mjs: writes deploy/prometheus/alerts.yml as the object that the Prometheus operator takes. Alerts get
// the namespace as a label, which those over all gateways have not: an AlertmanagerConfig is for alerts of its own namespace.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

const output = 'deploy/kubernetes/components/monitoring/rules.yaml';
const { groups } = parse(readFileSync('deploy/prometheus/alerts.yml', 'utf8'));
for (const rule of groups.flatMap(({ rules }) => rules)) rule.labels = { ...rule.labels, namespace: 'testcast' };
const metadata = { name: 'testcast', labels: { 'app.kubernetes.io/part-of': 'testcast' } };
const object = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata, spec: { groups } };
writeFileSync(
  output,
  `# Made of deploy/prometheus/alerts.yml by scripts/prometheus-rule.mjs.\n${stringify(object, { lineWidth: 0, singleQuote: true })}`,
);
