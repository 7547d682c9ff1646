import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import { Scrape } from './scrape.ts';
import { ThisMachineOnly } from './this-machine-only.guard.ts';

/** What an HTTP adapter's response has that this route uses. */
interface TextResponse {
  setHeader(name: string, value: string): unknown;
}

@Controller('metrics')
export class MetricsController {
  constructor(private readonly scrape: Scrape) {}

  @Get()
  async show(@Res({ passthrough: true }) response: TextResponse): Promise<string> {
    response.setHeader('Content-Type', this.scrape.contentType);
    return this.scrape.page();
  }
}

/** The same beside routes that the world may reach. */
@Controller('metrics')
@UseGuards(ThisMachineOnly)
export class LocalMetricsController extends MetricsController {}
