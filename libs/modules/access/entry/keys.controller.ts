import { Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { timestampSchema } from '@testcast/contracts';
import { Authenticated, HttpCaller, ValidBody, ValidParams } from '#platform/http';
import type { Caller } from '#platform/kernel';
import { z } from 'zod';
import { CreateKey, type NewKey } from '../commands/create-key.ts';
import { RevokeKey } from '../commands/revoke-key.ts';
import { grantsSchema } from '../grants.schema.ts';
import { type KeySummary, ListKeys } from '../queries/list-keys.ts';

const newKeySchema = z.object({
  name: z.string().trim().min(1).max(200),
  grants: grantsSchema,
  expiresAt: timestampSchema.optional(),
});
const keyParamsSchema = z.object({ id: z.uuid() });

@Controller('v1/keys')
@Authenticated()
export class KeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  async create(
    @ValidBody(newKeySchema) { name, grants, expiresAt }: z.infer<typeof newKeySchema>,
    @HttpCaller() caller: Caller,
  ): Promise<NewKey> {
    return this.commands.execute(new CreateKey(name, grants, caller, expiresAt));
  }

  @Get()
  async list(@HttpCaller() caller: Caller): Promise<{ items: KeySummary[] }> {
    return { items: await this.queries.execute(new ListKeys(caller)) };
  }

  @Delete(':id')
  @HttpCode(204)
  async revoke(
    @ValidParams(keyParamsSchema) { id }: z.infer<typeof keyParamsSchema>,
    @HttpCaller() caller: Caller,
  ): Promise<void> {
    await this.commands.execute(new RevokeKey(id, caller));
  }
}
