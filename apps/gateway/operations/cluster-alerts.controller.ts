import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { clusterLimits, type ClusterResponse } from '@testcast/contracts';
import { type AlertNotification, AlertResponder, alertNotificationSchema, ClusterResponses } from '#platform/cluster';
import { Requires, ValidBody } from '#platform/http';

/** What the cluster does about alerts: Alertmanager tells, for it and for admins of everything. */
@Controller('v1/admin/cluster')
@Requires('admin', { project: '*' })
export class ClusterAlertsController {
  constructor(
    private readonly responder: AlertResponder,
    private readonly responses: ClusterResponses,
  ) {}

  /** A webhook of Alertmanager. Answers as soon as it is stored; the same told again is no other response. */
  @Post('alerts')
  @HttpCode(202)
  take(@ValidBody(alertNotificationSchema) notification: AlertNotification): Promise<{ begun: number; ended: number }> {
    return this.responder.take(notification);
  }

  /** The newest first. */
  @Get('responses')
  async list(): Promise<{ items: ClusterResponse[] }> {
    return { items: await this.responses.recent(clusterLimits.responses) };
  }
}
