import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { ConnectReply } from '@testcast/contracts';
import type { Request } from 'express';
import { Authenticated, HttpCaller, ValidBody } from '#platform/http';
import { type Caller, ServerLoad } from '#platform/kernel';
import { z } from 'zod';
import { accessOptions, type AccessOptions } from '../access.options.ts';
import { Tickets } from '../authentication/tickets.ts';
import { socketUrlFor } from '../socket-url.ts';

const connectSchema = z.object({ region: z.string().max(64).optional() });

@Controller('v1/connect')
export class ConnectController {
  constructor(
    private readonly tickets: Tickets,
    private readonly server: ServerLoad,
    @Inject(accessOptions) private readonly options: AccessOptions,
  ) {}

  @Post()
  @Authenticated()
  @HttpCode(200)
  async connect(
    // There is one region to be had from a single server; the field is checked so that a client's mistake shows.
    @ValidBody(connectSchema) _wish: z.infer<typeof connectSchema>,
    @HttpCaller() caller: Caller,
    @Req() request: Request,
  ): Promise<ConnectReply> {
    const { ticket, expiresAt } = await this.tickets.issue(caller);
    return {
      serverId: this.server.serverId,
      url: socketUrlFor(request, this.options),
      ticket,
      expiresAt,
      connectionLimit: this.server.connectionLimit,
      currentLoad: this.server.currentLoad(),
    };
  }
}
