import { Global, Module } from '@nestjs/common';
import { HealthController } from './health.controller.ts';
import { Readiness } from './readiness.ts';

/** `GET /health/live` and `GET /health/ready`; every part may inject `Readiness` and add its check. */
@Global()
@Module({
  controllers: [HealthController],
  providers: [{ provide: Readiness, useFactory: () => new Readiness() }],
  exports: [Readiness],
})
export class HealthModule {}
