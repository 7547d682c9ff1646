import type { ItemResult, ReportContext, Role, RunSummary, TestRow } from '@testcast/contracts';

/** One page of a list; `next` goes into `after` of the next call, null at the end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Project id, or `*`, to what may be done there. */
export type Grants = Record<string, Role>;

export interface StartRunReply {
  offset: number;
  /** The run was there before. */
  joined?: boolean | undefined;
}
export interface EndRunReply {
  /** Of the event that ended the run, also when that was an earlier one. */
  offset: number;
}
export interface ResultsReply {
  results: ItemResult[];
}

/** What was wrong with a report without being a reason to refuse all of it. */
export interface ReportProblem {
  code?: string | undefined;
  message: string;
  line?: number | undefined;
  column?: number | undefined;
  testId?: string | undefined;
}
export interface ReportReply {
  /** Items by what became of them; a test with a retry is two items. */
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Tests of the file. */
  tests: number;
  /** Of the run's stream: the last of what it now holds of the file; the run's summary has it from this version on. */
  offset?: number | undefined;
  /** The first hundred. */
  problems: ReportProblem[];
}
export interface ReportOptions extends ReportContext {
  /** Wraps the file in the start and end of its shard, or without a shard ends the run. */
  finish?: boolean | undefined;
  /** Default: left to the server, which looks into the file. */
  contentType?: string | undefined;
}

export interface TestsQuery {
  outcome?: TestRow['outcome'] | undefined;
  search?: string | undefined;
  after?: string | undefined;
  limit?: number | undefined;
}
export interface RunsQuery {
  after?: string | undefined;
  limit?: number | undefined;
  branch?: string | undefined;
  search?: string | undefined;
  status?: RunSummary['status'] | undefined;
}
export interface ProjectsQuery {
  after?: string | undefined;
  limit?: number | undefined;
}
export interface OutputQuery {
  after?: number | undefined;
  limit?: number | undefined;
}

export interface NewProject {
  projectId: string;
  name?: string | undefined;
  defaultBranch?: string | undefined;
  repositoryUrl?: string | undefined;
}

export interface ApiKey {
  id: string;
  /** How the key begins, to recognise it by. */
  prefix: string;
  name: string;
  grants: Grants;
  createdBy?: string | undefined;
  createdAt: number;
  expiresAt?: number | undefined;
}
export interface NewApiKey {
  name: string;
  grants: Grants;
  /** Epoch milliseconds. */
  expiresAt?: number | undefined;
}
/** The only time that the key itself is shown. */
export interface CreatedApiKey extends ApiKey {
  key: string;
}
export interface SignInLink {
  url: string;
  expiresAt: number;
}
/** Who the caller is. */
export interface Session {
  subject: string;
  grants: Grants;
  /** Epoch milliseconds; absent for what does not expire. */
  expiresAt?: number | undefined;
}
