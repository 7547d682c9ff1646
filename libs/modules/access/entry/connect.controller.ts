import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { ConnectReply } from '@testcast/contracts';
import type { Request } from 'express';
import { Authenticated, HttpCaller, ValidBody } from '#platform/http';
import { type Caller, ServerSelection } from '#platform/kernel';
import { z } from 'zod';
import { accessOptions, type AccessOptions } from '../access.options.ts';
import { Tickets } from '../authentication/tickets.ts';
import { socketUrlFor } from '../socket-url.ts';

const connectSchema = z.object({ region: z.string().max(64).optional() });

@Controller('v1/connect')
export class ConnectController {
  constructor(
    private readonly tickets: Tickets,
    private readonly servers: ServerSelection,
    @Inject(accessOptions) private readonly options: AccessOptions,
  ) {}

  @Post()
  @Authenticated()
  @HttpCode(200)
  async connect(
    @ValidBody(connectSchema) { region }: z.infer<typeof connectSchema>,
    @HttpCaller() caller: Caller,
    @Req() request: Request,
  ): Promise<ConnectReply> {
    const server = await this.servers.select({ address: request.ip ?? '', region });
    const { ticket, expiresAt } = await this.tickets.issue(caller, server.ticketFor);
    return {
      serverId: server.serverId,
      url: server.url ?? socketUrlFor(request, this.options),
      ticket,
      expiresAt,
      connectionLimit: server.connectionLimit,
      currentLoad: server.currentLoad,
    };
  }
}
