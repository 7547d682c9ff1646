import { Controller, Get, Res } from '@nestjs/common';
import { Scrape } from './scrape.ts';

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
