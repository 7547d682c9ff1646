import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { ConnectReply } from '@testcast/contracts';
import type { Request } from 'express';
import { Authenticated, HttpCaller, ValidBody } from '#platform/http';
import { type Caller, ServerSelection } from '#platform/kernel';
import { z } from 'zod';
import { accessOptions, type AccessOptions } from '../access.options.ts';
import { Tickets } from '../authentication/tickets.ts';
import { socketUrlFor } from '../socket-url.ts';

const connectSchema = z.object({
  region: z.string().max(64).optional(),
  avoid: z.array(z.string().max(256)).max(8).optional(),
});

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
    @ValidBody(connectSchema) { region, avoid }: z.infer<typeof connectSchema>,
    @HttpCaller() caller: Caller,
    @Req() request: Request,
  ): Promise<ConnectReply> {
    const server = await this.servers.select({ address: request.ip ?? '', region, avoid });
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
