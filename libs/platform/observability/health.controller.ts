import { Controller, Get, Res } from '@nestjs/common';
import { Readiness, type ReadinessReport } from './readiness.ts';

/** What an HTTP adapter's response has that these routes use. */
interface StatusResponse {
  status(code: number): unknown;
}

/** Probes of an orchestrator and of the load balancer. */
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** Answers while the event loop turns: a failure here means restart, so nothing outside the process is asked. */
  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** 503 while anything is missing that the process needs to serve. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) response: StatusResponse): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    response.status(report.ready ? 200 : 503);
    return report;
  }
}
