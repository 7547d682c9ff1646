import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Requires, ValidBody } from '#platform/http';
import { type ParkedInProjection, ParkingLot, type ParkingOutcome } from '#platform/messaging';
import { z } from 'zod';

const parkedSchema = z.object({
  stream: z.string().min(1).max(1024),
  /** Default: every projection that has parked the stream. */
  projection: z.string().min(1).max(200).optional(),
});
/** Longer than a projector needs for a stream of usual length; what is not done by then is answered as ordered. */
const waitMs = 5000;

/** What projections have set aside, for admins of everything. */
@Controller('v1/admin/parked')
@Requires('admin', { project: '*' })
export class ParkedStreamsController {
  constructor(private readonly parking: ParkingLot) {}

  @Get()
  async list(): Promise<{ items: ParkedInProjection[] }> {
    return { items: await this.parking.list() };
  }

  /** Once the code is mended: applies what was set aside, in order. No outcomes when nothing was parked. */
  @Post('replay')
  @HttpCode(200)
  async replay(@ValidBody(parkedSchema) parked: z.infer<typeof parkedSchema>): Promise<{ outcomes: ParkingOutcome[] }> {
    return { outcomes: await this.parking.replay(parked, waitMs) };
  }

  /** Leaves the event that failed out for good, on record, and goes on. */
  @Post('discard')
  @HttpCode(200)
  async discard(
    @ValidBody(parkedSchema) parked: z.infer<typeof parkedSchema>,
  ): Promise<{ outcomes: ParkingOutcome[] }> {
    return { outcomes: await this.parking.discard(parked, waitMs) };
  }
}
