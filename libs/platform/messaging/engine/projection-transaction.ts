import type { DataSource, QueryRunner } from 'typeorm';
import { BuildRetired, CheckpointMoved, TransientFailure } from './checkpoint-store.ts';
import { isTransient } from './transient.ts';

/** A transaction whose failure says whether the events are the reason. */
export class ProjectionTransaction {
  private constructor(readonly runner: QueryRunner) {}

  /** @throws CheckpointMoved, BuildRetired, TransientFailure, or the work's own error, for which the events are the reason */
  static async run<T>(dataSource: DataSource, work: (transaction: ProjectionTransaction) => Promise<T>): Promise<T> {
    const transaction = new ProjectionTransaction(dataSource.createQueryRunner());
    try {
      // In read committed, as all connections of the house: stricter, waiting batches would fail that only need to look again.
      await transaction.before(() => transaction.runner.startTransaction());
      const result = await work(transaction);
      await transaction.runner.commitTransaction();
      return result;
    } catch (error) {
      throw await transaction.abandon(error);
    } finally {
      // The pool drops a connection that broke.
      await transaction.runner.release().catch(() => undefined);
    }
  }

  /** For what is done before the events are touched: when it fails, they cannot be the reason. */
  async before<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw error instanceof CheckpointMoved || error instanceof BuildRetired ? error : new TransientFailure(error);
    }
  }

  /** Does something of which nothing is left when its events make it fail, while what came before it stays. */
  async attempt(action: () => Promise<void>): Promise<void> {
    await this.before(() => this.runner.query('savepoint attempt'));
    try {
      await action();
      await this.runner.query('release savepoint attempt');
    } catch (error) {
      if (isTransient(error)) throw new TransientFailure(error);
      await this.before(() => this.runner.query('rollback to savepoint attempt'));
      throw error;
    }
  }

  private async abandon(error: unknown): Promise<unknown> {
    const alive = await this.rollBack();
    if (error instanceof CheckpointMoved || error instanceof BuildRetired || error instanceof TransientFailure)
      return error;
    // On a broken connection any error may follow, also one that looks like the handler's; nothing is known of the events.
    return !alive || isTransient(error) ? new TransientFailure(error) : error;
  }

  private async rollBack(): Promise<boolean> {
    if (!this.runner.isTransactionActive) return true;
    try {
      await this.runner.rollbackTransaction();
      return true;
    } catch {
      return false;
    }
  }
}
