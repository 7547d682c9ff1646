import { Module } from '@nestjs/common';
import { OutputRoom } from './entry/output.room.ts';
import { TestOutputController } from './entry/test-output.controller.ts';
import { TestOutputModule } from './test-output.module.ts';

/** Output over HTTP, and its room. */
@Module({ imports: [TestOutputModule], controllers: [TestOutputController], providers: [OutputRoom] })
export class TestOutputGatewayModule {}
