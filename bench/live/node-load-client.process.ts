import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { NodeSubscriber, type Opening, type SubscriberOptions } from './node-subscriber.ts';
import { Tally } from './tally.ts';

// The client in C in small: the same options, commands and reports, for machines without a compiler.
const given = new Map(
  process.argv.slice(2).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const),
);
const sockets = Number(given.get('sockets'));
const rooms = Number(given.get('rooms'));
const opening = Number(given.get('opening') ?? 256) || sockets;
const options: SubscriberOptions = {
  dialect: given.get('dialect')!,
  ports: given.get('ports')!.split(',').map(Number),
  header: given.get('header'),
  recover: given.get('recover') !== 'no',
};

const arrivals = given.get('arrivals');
const tally = new Tally(arrivals === undefined ? undefined : openSync(arrivals, 'w'));
const waiting: NodeSubscriber[] = [];
let underWay = 0;

function openWaiting(): void {
  while (underWay < opening && waiting.length > 0) {
    underWay += 1;
    waiting.shift()!.connect();
  }
}

const turns: Opening = {
  settled: () => {
    underWay -= 1;
    openWaiting();
  },
  again: (subscriber) => {
    waiting.push(subscriber);
    openWaiting();
  },
};

const subscribers = Array.from({ length: sockets }, (_, index) => {
  const room = given.get('room')!.replace('%', String(index % rooms));
  const begins = given.get('spread') === 'yes' ? Math.floor(index / rooms) : 0;
  return new NodeSubscriber(room, options, tally, turns, begins);
});
waiting.push(...subscribers);

let allReady = false;
function print(report: string): void {
  const ready = subscribers.filter((subscriber) => subscriber.ready).length;
  process.stdout.write(`${JSON.stringify(tally.report(report, ready, subscribers))}\n`);
  if (ready === sockets && !allReady)
    process.stdout.write(`${JSON.stringify({ report: 'all-ready', us: tally.now() })}\n`);
  allReady = ready === sockets;
}

createInterface({ input: process.stdin })
  .on('line', (command) => {
    if (command === 'quit') process.exit(0);
    if (command === 'mark' || command === 'report') print(command);
    if (command === 'mark') tally.clear();
    if (command.startsWith('flap ')) for (const subscriber of subscribers) subscriber.flap(command === 'flap on');
  })
  .on('close', () => process.exit(0));
setInterval(() => print('second'), 1_000);
openWaiting();
