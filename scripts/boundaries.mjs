// Holds every import against .dependency-cruiser.cjs, and docs/dependencies.md against the imports.
import path from 'node:path';
import { cruise } from './cruise.mjs';
import { graphFile, isUpToDate } from './dependency-graph.mjs';

process.chdir(path.resolve(import.meta.dirname, '..'));

const result = await cruise();
const { violations, totalCruised, totalDependenciesCruised, ruleSetUsed } = result.summary;
const comments = new Map(ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));

for (const { rule, from, to, cycle } of violations) {
  const way = cycle?.length ? [from, ...cycle.map((step) => step.name)].join(' -> ') : `${from} -> ${to}`;
  console.log(`${rule.name}: ${way}\n  ${comments.get(rule.name) ?? ''}`);
}
if (violations.length > 0) process.exitCode = 1;
console.log(`${totalCruised} modules, ${totalDependenciesCruised} imports, ${violations.length} violations`);

if (!isUpToDate(result)) {
  console.log(`${graphFile} is out of date: npm run deps:graph`);
  process.exitCode = 1;
}
