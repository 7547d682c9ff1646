import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ItemResult, ReportContext, RunRef } from '@testcast/contracts';
import { EnsureProject } from '#modules/access';
import { type EventOutcome, EventStore } from '#platform/event-store';
import { type Caller, Clock, DomainError } from '#platform/kernel';
import {
  type CompletedItem,
  type ItemContext,
  completeOutput,
  completeShard,
  completeTest,
} from '../domain/complete-item.ts';
import { type ReportBatch, parseBatch, rejection } from '../domain/report-batch.ts';
import { decideFinishShard, decideStartShard } from '../domain/run.decider.ts';
import { storable } from '../domain/storable.ts';
import { KnownRuns } from './known-runs.ts';
import { OpenRun } from './open-run.ts';
import { Runs } from './runs.ts';

/**
 * Stores reported items and answers one by one, at the index of the item, once they are durable. A run that nobody
 * started begins with them. Throws `project.unknown`, `request.too-large` (500 items, 512 KiB), and temporary errors, after
 * which sending everything again is safe.
 */
export class ReportResults extends Command<ItemResult[]> {
  constructor(
    readonly ref: RunRef,
    readonly items: readonly unknown[],
    readonly context: ReportContext,
    readonly caller: Caller,
  ) {
    super();
  }
}

@CommandHandler(ReportResults)
export class ReportResultsHandler implements ICommandHandler<ReportResults> {
  constructor(
    private readonly store: EventStore,
    private readonly runs: Runs,
    private readonly known: KnownRuns,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
  ) {}

  async execute({ ref, items, context, caller }: ReportResults): Promise<ItemResult[]> {
    await this.commands.execute(new EnsureProject(ref.projectId, caller));
    const batch = parseBatch(items);
    const given: ItemContext = { ...ref, ...(storable(context) as ReportContext), requestBytes: batch.bytes };
    const results = [...batch.rejected];
    // A shard's announcement comes before its results, since it says their variant, and its end after them.
    results.push(...(await this.startShards(ref, batch, given)));
    results.push(...(await this.appendResults(ref, batch, given)));
    results.push(...(await this.finishShards(ref, batch, given)));
    return results.sort((a, b) => a.index - b.index);
  }

  private async startShards(ref: RunRef, { shardStarts }: ReportBatch, context: ItemContext): Promise<ItemResult[]> {
    const results: ItemResult[] = [];
    for (const { index, item, leftOut } of shardStarts) {
      const data = completeShard(item, context);
      const facts = { ...ref, data, at: item.at, now: this.clock.now() };
      const result = await this.decided(index, ref, (state) => decideStartShard(state, facts));
      if (result.status === 'rejected') {
        results.push(result);
        continue;
      }
      results.push(leftOut === undefined ? result : { ...result, leftOut });
      this.known.noteOpened(ref, data.rerun);
      this.known.noteVariant(ref, data.rerun, data.shardId, data.variant);
    }
    return results;
  }

  private async finishShards(ref: RunRef, { shardFinishes }: ReportBatch, context: ItemContext): Promise<ItemResult[]> {
    const results: ItemResult[] = [];
    for (const { index, item } of shardFinishes) {
      const facts = { ...ref, data: completeShard(item, context), at: item.at, now: this.clock.now() };
      results.push(await this.decided(index, ref, (state) => decideFinishShard(state, facts)));
    }
    return results;
  }

  private async decided(index: number, ref: RunRef, decide: Parameters<Runs['perform']>[1]): Promise<ItemResult> {
    try {
      const { offset, isNew } = await this.runs.perform(ref, decide);
      return { index, status: isNew ? 'appended' : 'duplicate', offset };
    } catch (error) {
      return rejection(index, error);
    }
  }

  private async appendResults(ref: RunRef, batch: ReportBatch, given: ItemContext): Promise<ItemResult[]> {
    if (batch.tests.length + batch.outputs.length === 0) return [];
    const rerun = given.rerun ?? 1;
    try {
      await this.open(ref, rerun);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'run.erased') throw error;
      return [...batch.tests, ...batch.outputs].map(({ index }) => rejection(index, error));
    }
    const { completed, results } = complete(batch, await this.withShardVariant(ref, batch, given, rerun));
    const answers = await Promise.all([...completed].map(([stream, entries]) => this.append(stream, entries)));
    // Nothing as a rule. Where the append was the first to meet another history of the log, the run may have no start in it.
    await this.open(ref, rerun);
    return [...results, ...answers.flat()];
  }

  private async open(ref: RunRef, rerun: number): Promise<void> {
    if (this.known.isOpened(ref, rerun)) return;
    await this.commands.execute(new OpenRun(ref, rerun));
    this.known.noteOpened(ref, rerun);
  }

  private async withShardVariant(ref: RunRef, batch: ReportBatch, given: ItemContext, rerun: number) {
    const asks = [...batch.tests, ...batch.outputs].some(({ item }) => item.variant === undefined);
    if (given.shardId === undefined || !asks) return given;
    return { ...given, shardVariant: await this.known.variantOf(ref, rerun, given.shardId) };
  }

  // One append a stream, unchecked: results commute, and those of fifty shards must not wait for each other.
  private async append(stream: string, entries: readonly CompletedEntry[]): Promise<ItemResult[]> {
    const events = entries.map(({ item: { stream: _, ...event } }) => event);
    const outcomes = await this.store.append({ stream, events });
    return entries.map(({ index }, at) => answerTo(index, outcomes[at]!));
  }
}

interface CompletedEntry {
  readonly index: number;
  readonly item: CompletedItem;
}

function complete(batch: ReportBatch, context: ItemContext) {
  const completed = new Map<string, CompletedEntry[]>();
  const results: ItemResult[] = [];
  const add = (index: number, build: () => CompletedItem): void => {
    try {
      const item = build();
      const entries = completed.get(item.stream);
      if (entries === undefined) completed.set(item.stream, [{ index, item }]);
      else entries.push({ index, item });
    } catch (error) {
      results.push(rejection(index, error));
    }
  };
  for (const { index, item } of batch.tests) add(index, () => completeTest(item, context));
  for (const { index, item } of batch.outputs) add(index, () => completeOutput(item, context));
  return { completed, results };
}

function answerTo(index: number, outcome: EventOutcome): ItemResult {
  const { status, version: offset } = outcome;
  if (status === 'appended' || status === 'duplicate') return { index, status, offset };
  if (status === 'conflict') throw new DomainError('run.conflict');
  if (status === 'gone') return rejection(index, new DomainError('run.erased'));
  const error = new DomainError('item.conflict', undefined, { details: { offset } });
  return rejection(index, error);
}
