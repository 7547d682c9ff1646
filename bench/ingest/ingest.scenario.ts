import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Product } from '../../test/e2e/support/product.ts';
import type { Figure, Scenario } from '../support/figures.ts';
import type { LoadOptions, LoadResult } from './http-load.ts';

/** Results a second over HTTP into one gateway, with the projector running beside it. */
export const ingest: Scenario = {
  name: 'ingest',
  help: `Results accepted by one gateway over HTTP, durable (fsync on) before each answer, projector running.
Batches: 8 connections post 100 results a request. Singles: 100 connections post one result a request.
Latency is from the moment a request was sent to its whole answer; the load is closed-loop and runs in a
process of its own on the same machine, so it takes its share of the cores.`,
  async run(print) {
    const product = await Product.start();
    try {
      const token = await product.adminKey();
      const load = { url: product.url, token, projectId: 'bench', runs: 20 };
      print('warming up …');
      await loadIn({ ...load, connections: 8, itemsPerRequest: 100, seconds: 4 });
      print('batches of 100 …');
      const batches = await loadIn({ ...load, connections: 8, itemsPerRequest: 100, seconds: 15 });
      print('one by one …');
      const singles = await loadIn({ ...load, connections: 100, itemsPerRequest: 1, seconds: 15 });
      return [...figuresOf('batches of 100', batches, '20,000'), ...figuresOf('one by one', singles, '3,000', '< 50')];
    } finally {
      await product.stop();
    }
  },
};

function figuresOf(name: string, { itemsPerSecond, p50, p99 }: LoadResult, rate: string, latency?: string): Figure[] {
  return [
    { name: `${name}: results`, value: itemsPerSecond, unit: '/s', target: rate },
    { name: `${name}: p50`, value: p50, unit: 'ms' },
    { name: `${name}: p99`, value: p99, unit: 'ms', ...(latency === undefined ? {} : { target: latency }) },
  ];
}

function loadIn(options: LoadOptions): Promise<LoadResult> {
  const child = fork(fileURLToPath(new URL('load.process.js', import.meta.url)), { execArgv: process.execArgv });
  return new Promise((resolve, reject) => {
    child.once('message', (message: { result?: LoadResult; error?: string }) =>
      message.result === undefined ? reject(new Error(message.error)) : resolve(message.result),
    );
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the load ended with ${code}`)));
    child.send(options);
  });
}
