import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Project } from '@testcast/contracts';
import type { Caller } from '#platform/kernel';
import { createDatabase } from '#platform/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TwoServers } from '../fixtures/two-servers.ts';
import { EnsureProject, ListRetentions, RequireProject } from '../index.ts';
import { ListRetentionsHandler } from '../queries/list-retentions.ts';

let servers: TwoServers;
beforeAll(async () => {
  servers = await TwoServers.start(await createDatabase());
});
afterAll(() => servers.stop());

describe('projects', () => {
  const admin: Caller = { subject: 'owner', grants: { '*': 'admin' } };

  it('are made once, by who is admin of them, and seen by who may read them', async () => {
    const create = (as: string) =>
      servers.call('POST', '/v1/projects', { as, body: { projectId: 'garden', name: 'Garden' } });
    const { key: reader } = await servers.newKey({ garden: 'read' });
    const { key: stranger } = await servers.newKey({ shed: 'admin' });
    expect((await create(reader)).status).toBe(403);
    expect(await create(servers.adminKey)).toMatchObject({
      status: 201,
      body: { projectId: 'garden', name: 'Garden' },
    });
    expect(await create(servers.adminKey)).toMatchObject({ status: 409, body: { error: { code: 'project.exists' } } });
    const seenBy = async (as: string) =>
      (await servers.call<{ items: { projectId: string }[] }>('GET', '/v1/projects', { as })).body.items.map(
        ({ projectId }) => projectId,
      );
    expect(await seenBy(reader)).toEqual(['garden']);
    expect(await seenBy(servers.adminKey)).toContain('garden');
    expect(await seenBy(stranger)).toEqual([]);
  });

  it('say for how long their runs are kept, as their admins set it', async () => {
    await servers.call('POST', '/v1/projects', { as: servers.adminKey, body: { projectId: 'kept' } });
    const change = (as: string, body: object, projectId = 'kept') =>
      servers.call<Project>('PATCH', `/v1/projects/${projectId}`, { as, body });
    const retentions = (defaultDays: number) =>
      new ListRetentionsHandler(servers.app.get(DataSource)).execute(new ListRetentions(defaultDays, 'kepp', 1));
    const { key: writer } = await servers.newKey({ kept: 'write' });
    const { key: owner } = await servers.newKey({ kept: 'admin' });
    expect((await retentions(0)).items).toEqual([]);
    expect((await retentions(30)).items).toEqual([{ projectId: 'kept', days: 30 }]);
    expect(await change(writer, { retentionDays: 7 })).toMatchObject({ status: 403 });
    expect(await change(owner, { retentionDays: 7 })).toMatchObject({
      status: 200,
      body: { projectId: 'kept', retentionDays: 7 },
    });
    expect((await retentions(0)).items).toEqual([{ projectId: 'kept', days: 7 }]);
    await change(owner, { retentionDays: 0 });
    expect((await retentions(30)).items).toEqual([]);
    expect((await change(owner, { retentionDays: null })).body.retentionDays).toBeUndefined();
    expect((await retentions(30)).items).toEqual([{ projectId: 'kept', days: 30 }]);
    for (const retentionDays of [-1, 1.5, '7', 1e9, undefined])
      expect(await change(owner, { retentionDays })).toMatchObject({ status: 400 });
    expect(await change(servers.adminKey, { retentionDays: 7 }, 'nowhere')).toMatchObject({
      status: 404,
      body: { error: { code: 'project.unknown' } },
    });
  });

  it('are listed in pages', async () => {
    for (const projectId of ['page-1', 'page-2', 'page-3'])
      await servers.call('POST', '/v1/projects', { as: servers.adminKey, body: { projectId } });
    const { body } = await servers.call<{ items: object[]; next: string }>('GET', '/v1/projects?after=page-0&limit=2', {
      as: servers.adminKey,
    });
    expect(body).toMatchObject({ items: [{ projectId: 'page-1' }, { projectId: 'page-2' }], next: 'page-2' });
  });

  it('are listed in the order of their bytes, also in a database that has another', async () => {
    const database = servers.app.get(DataSource);
    await database.query(`create collation without_hyphens (provider = icu, locale = 'und-u-ka-shifted')`);
    await database.query(`alter table projects alter column project_id type text collate without_hyphens`);
    const ids = ['sort-b', 'sort-d', 'sorta', 'sortc'];
    for (const projectId of ids.toReversed())
      await servers.call('POST', '/v1/projects', { as: servers.adminKey, body: { projectId } });
    const seen: string[] = [];
    for (let after = 'sort'; seen.length < ids.length; after = seen.at(-1)!) {
      const path = `/v1/projects?limit=1&after=${after}`;
      const { body } = await servers.call<{ items: Project[] }>('GET', path, { as: servers.adminKey });
      seen.push(...body.items.map(({ projectId }) => projectId));
    }
    expect(seen).toEqual(ids);
  });

  it('are made on the way by who is admin of all, also by many at once', async () => {
    const ensure = (at: NestExpressApplication) => at.get(CommandBus).execute(new EnsureProject('nightly', admin));
    await Promise.all(Array.from({ length: 20 }, (_, index) => ensure(index % 2 === 0 ? servers.app : servers.second)));
    await expect(servers.second.get(QueryBus).execute(new RequireProject('nightly'))).resolves.toBeUndefined();
  });

  it('must exist for everybody else', async () => {
    const writer: Caller = { subject: 'ci', grants: { unheard: 'admin', nightly: 'write', '*': 'write' } };
    await expect(servers.app.get(CommandBus).execute(new EnsureProject('unheard', writer))).rejects.toMatchObject({
      code: 'project.unknown',
    });
    await expect(servers.app.get(CommandBus).execute(new EnsureProject('nightly', writer))).resolves.toBeUndefined();
    await expect(servers.app.get(QueryBus).execute(new RequireProject('unheard'))).rejects.toMatchObject({
      code: 'project.unknown',
    });
  });
});
