import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { read, root } from './source-files.ts';

interface NestProject {
  root: string;
  entryFile: string;
  compilerOptions: { tsConfigPath: string };
}

const nestCli = JSON.parse(read('nest-cli.json')) as { projects: Record<string, NestProject> };

it('nest-cli.json names every app that Nest runs', () => {
  const apps = readdirSync(path.join(root, 'apps')).filter((app) => app !== 'web');
  expect(Object.keys(nestCli.projects).sort()).toEqual(apps.sort());
});

it.each(Object.entries(nestCli.projects))('nest-cli.json starts %s where it is', (name, project) => {
  expect(project.root).toBe(`apps/${name}`);
  expect(project.entryFile).toBe(`apps/${name}/main`);
  expect(() => read(`${project.entryFile}.ts`)).not.toThrow();
  expect(() => read(project.compilerOptions.tsConfigPath)).not.toThrow();
});
