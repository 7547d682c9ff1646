import pg from 'pg';
import { Product } from '../../test/e2e/support/product.ts';
import { type Figure, quantile, type Scenario } from '../support/figures.ts';

const projects = 20;
const requests = 300;
/** Of a histogram of durations, as its columns have it. */
const buckets = 160;
const dayMs = 86_400_000;

/** A year of one project out of some, as the page of trends asks for it. */
export const trends: Scenario = {
  name: 'trends',
  help: `GET /v1/projects/:id/trends for a year, a month and a day, one request after the other over one kept-alive connection, of one of
${projects} projects whose roll-ups are full: a row for each day and each hour of two years, each with a histogram of durations.
Latency is from sending the request to having read the whole answer. Rows are written by SQL, not by the projection.`,
  async run(print) {
    const product = await Product.start();
    try {
      const client = new pg.Client({ connectionString: product.postgres.url });
      await client.connect();
      print(`filling two years of ${projects} projects …`);
      const now = Math.floor(Date.now() / dayMs) * dayMs;
      for (const [table, step, count] of [
        ['trend_days_v1', '1 day', 730],
        ['trend_hours_v1', '1 hour', 730 * 24],
      ] as const) {
        await client.query(fillOf(table), [projects, new Date(now), step, count, buckets]);
      }
      await client.query('vacuum analyze trend_days_v1, trend_hours_v1');
      await client.end();
      const headers = { authorization: `Bearer ${await product.adminKey()}`, 'content-type': 'application/json' };
      await fetch(`${product.url}/v1/projects`, { method: 'POST', headers, body: JSON.stringify({ projectId: 'p1' }) });
      const figures: Figure[] = [];
      for (const [name, days] of [
        ['a year', 365],
        ['a month', 30],
        ['a day', 1],
      ] as const) {
        const path = `/v1/projects/p1/trends?from=${now - days * dayMs}&to=${now}`;
        const times: number[] = [];
        let points = 0;
        for (let request = 0; request < requests; request++) {
          const began = performance.now();
          const response = await fetch(product.url + path, { headers });
          const answer = (await response.json()) as { results?: unknown[] };
          times.push(performance.now() - began);
          if (!response.ok) throw new Error(JSON.stringify(answer));
          points = answer.results?.length ?? 0;
        }
        times.sort((a, b) => a - b);
        figures.push(
          { name: `${name}: p50`, value: quantile(times, 0.5), unit: 'ms' },
          { name: `${name}: p99`, value: quantile(times, 0.99), unit: 'ms', target: '< 100' },
          { name: `${name}: points`, value: points, unit: '' },
        );
      }
      return figures;
    } finally {
      await product.stop();
    }
  },
};

/** $1 projects, $2 the end, $3 a step, $4 how many of them, $5 buckets of a histogram. */
const fillOf = (table: string): string => `
  insert into ${table} (project_id, at, results, passed, failed, flaky, skipped, attempts, workers, durations)
  select 'p' || project, $2::timestamptz - step * $3::interval, 1000, 950, 30, 5, 20, 1010, 8,
    array(select (bucket * 7 + step) % 50 from generate_series(1, $5::int) as bucket)
  from generate_series(1, $1::int) as project, generate_series(1, $4::int) as step`;
