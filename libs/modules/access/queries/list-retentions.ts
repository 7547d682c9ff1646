import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';

/** $1 days where a project has no setting, $2 projectId of the page before, $3 how many at most. */
const selectRetentions = `
  select project_id as "projectId", coalesce(retention_days, $1::integer) as days
  from projects
  where coalesce(retention_days, $1::integer) > 0 and project_id > $2 collate "C"
  order by project_id collate "C"
  limit $3
`;

export interface RetentionsPage {
  /** Days for which the project's runs are kept. */
  readonly items: { readonly projectId: string; readonly days: number }[];
  /** `after` of the next page. */
  readonly next: string | null;
}

/** Projects whose runs are not kept for ever, by projectId. */
export class ListRetentions extends Query<RetentionsPage> {
  constructor(
    /** 0 = for ever. */
    readonly defaultDays: number,
    readonly after: string,
    readonly limit: number,
  ) {
    super();
  }
}

@QueryHandler(ListRetentions)
export class ListRetentionsHandler implements IQueryHandler<ListRetentions> {
  constructor(private readonly database: DataSource) {}

  async execute({ defaultDays, after, limit }: ListRetentions): Promise<RetentionsPage> {
    const rows = await this.database.query<RetentionsPage['items']>(selectRetentions, [defaultDays, after, limit + 1]);
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? items.at(-1)!.projectId : null };
  }
}
