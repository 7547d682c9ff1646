import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { clusterLimits, type ClusterResponse } from '@testcast/contracts';
import { type AlertNotification, AlertResponder, alertNotificationSchema, ClusterResponses } from '#platform/cluster';
import { Requires, ValidBody } from '#platform/http';

/** What the cluster does about alerts. */
@Controller('v1/admin/cluster')
export class ClusterAlertsController {
  constructor(
    private readonly responder: AlertResponder,
    private readonly responses: ClusterResponses,
  ) {}

  /**
   * A webhook of Alertmanager, which has a token for this and nothing else; admins of everything may try it. Answers as soon as
   * it is stored; the same told again is no other response.
   */
  @Post('alerts')
  @Requires('admin', { project: '*', token: 'alerts' })
  @HttpCode(202)
  take(@ValidBody(alertNotificationSchema) notification: AlertNotification): Promise<{ begun: number; ended: number }> {
    return this.responder.take(notification);
  }

  /** The newest first. */
  @Get('responses')
  @Requires('admin', { project: '*' })
  async list(): Promise<{ items: ClusterResponse[] }> {
    return { items: await this.responses.recent(clusterLimits.responses) };
  }
}
