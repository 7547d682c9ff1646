import { dayEvents } from './day-plan.ts';
import type { BurstLimit } from './policy-limits.ts';
import type { Day, DaySample } from './simulate-day.ts';

export interface DayFigures {
  readonly seed: number;
  readonly totals: Day['totals'];
  readonly lost: number;
  readonly samples: readonly DaySample[];
  readonly bursts: readonly BurstLimit[];
  readonly steepestRamp: number;
}

const shown = (value: number): string => Math.round(value).toLocaleString('en');
const clock = (at: number): string =>
  `${String(Math.floor(at / 3600)).padStart(2, '0')}:${String(Math.floor((at % 3600) / 60)).padStart(2, '0')}`;

/** The page in docs/reference, as Markdown. */
export function pageOf(figures: DayFigures): string {
  const { totals, bursts, steepestRamp, lost, samples } = figures;
  const most = (of: (sample: DaySample) => number) => Math.max(...samples.map(of));
  return `# A simulated day

Made by \`npm run simulate:day\`, which writes this page, the picture and
[the figures of each minute](figures/simulated-day.json). Seed ${figures.seed}; the same seed makes the same day, on any machine.

What is simulated is time, the pods and the clients. What decides is the product's own code: the choice of a server
(\`chooseServer\` with the assignments in flight, each gateway with figures of the others as old as they are in truth), the health of
nodes by their beats, and the clients' \`Backoff\`. The autoscaler follows the controller of Kubernetes 1.36 step by step with the required policy:
4 to 20 pods, 2,000 connections a pod, up by half in 60 s after a window of 60 s, down by a quarter in 300 s after one of 300 s;
it looks every 15 s at figures that are up to 15 s old. A pod is ready 20 s after it was asked for, and holds 2,500. A machine
that is lost is given up by Kubernetes after 340 s. Automatic rebalancing is left out: nothing below shows a need for it, and it acts only from 0.85 to below 0.30.

![Clients, gateways, load, refusals and moves over the day](simulated-day.svg)

## What happens

${dayEvents.map(({ at, says }) => `- ${clock(at)} ${says}`).join('\n')}
- Clients are in Europe by day and in America in the evening; half of the gateways stand in each. A visit takes 45 minutes.

## What was seen

| | |
|---|---|
| clients at most, gateways at most | ${shown(most(({ connected }) => connected))}, ${most(({ ready }) => ready)} |
| connections admitted | ${shown(totals.admitted)} |
| answers 503 | ${shown(totals.refusals)}, in ${totals.secondsWithRefused} seconds of the day |
| of them while more than a tenth of the places of gateways known to all was free | ${shown(totals.refusedBeforeFull)} |
| clients waiting after a 503, at most | ${shown(totals.mostRefused)} |
| longest from the first 503 to being in | ${totals.longestWait} s |
| moved by drains (scale-down, deploys), with no time away | ${shown(totals.moved)} |
| cut off (crashes, the lost machine, nowhere to move to) | ${shown(totals.cutOff)} |
| sent to a server that was dead, and came back | ${shown(totals.misdirected)} |
| clients lost | ${lost} |

Some are refused shortly before the last place is taken: clients in flight are counted for up to two beats, also those whom the
server's own word holds already, and a gateway that has just come is known to the others at their next look. It errs on the side
of a server that is not overrun.

## Limits of the required policy

**A burst.** The autoscaler is content up to 2,200 connections a pod, a pod holds 2,500; so in the worst case 12 % of the places are free
when a burst comes, and the next pod is there 80 to 110 s later (15 s until it is scraped, 15 s until it is looked at, a window of 60 s in which
the least counts, 20 s of start). Largest bursts within one minute of which nobody is refused, with the fewest pods
that the policy is content with, and what becomes of a burst of 5,000:

| clients before | pods | largest burst with nobody refused | of 5,000: refused at the same time | longest wait |
|---|---|---|---|---|
${bursts.map(({ clients, pods, unrefused, refusedOf5000, longestWaitOf5000 }) => `| ${shown(clients)} | ${pods} | ${shown(unrefused)} | ${shown(refusedOf5000)} | ${longestWaitOf5000} s |`).join('\n')}

Who is refused comes back by itself, and no event is missed: offsets see to that. Whoever expects 5,000 within a minute at a known time raises
\`minReplicas\` before it to what both together need; at any time, lowers the target to 1,100 a pod.

**A ramp.** From 8,000 to 40,000 clients without a rest, nobody is refused up to ${shown(steepestRamp)} clients a minute.

**CPU.** A gateway is one process with one event loop: it uses little more than one core. Where a pod asks for 4 cores, 70 % would be 2.8, and the
CPU metric never scales gateways up: the manifests ask for one, with a limit of four. Memory does not scale them either: 2,500 connections take about
25 MiB. It is the connections that scale in this day; alerts on latency tell when a core is full (see [capacity](capacity.md)).

**The end of a peak.** Down by a quarter in five minutes: from 20 pods to 4 takes 25 minutes and the window before.
`;
}
