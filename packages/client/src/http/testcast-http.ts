import type {
  ClaimedStatus,
  ClusterMove,
  ClusterView,
  ConnectReply,
  OutputPage,
  Project,
  ReportContext,
  ResultItemInput,
  RunDescription,
  RunRef,
  RunSummary,
  TestDetail,
  TestsPage,
  Trends,
  TrendsQuery,
} from '@testcast/contracts';
import type {
  ApiKey,
  CreatedApiKey,
  EndRunReply,
  Grants,
  NewApiKey,
  NewProject,
  OutputQuery,
  Page,
  ProjectsQuery,
  ReportOptions,
  ReportReply,
  ResultsReply,
  RunsQuery,
  Session,
  SignInLink,
  StartRunReply,
  TestsQuery,
} from './http-types.ts';
import { sendRequest, type Fetch, type HttpRequest, type HttpSettings, type TokenSource } from './send-request.ts';

export interface HttpOptions {
  /** Where the server is, such as `https://testcast.example.com`; default: the page's own origin. */
  url?: string | undefined;
  /** An API key or JWT. A browser that is signed in needs none: its session cookie goes along. */
  token?: TokenSource | undefined;
  /** Default 30 s. */
  timeoutMs?: number | undefined;
  /** Default: the global one. */
  fetch?: Fetch | undefined;
}

/** What a call may say beside its arguments. */
export interface CallOptions {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Every HTTP call of a Testcast server. Methods throw TestcastError and nothing else; none of them repeats a request. */
export class TestcastHttp {
  private readonly settings: HttpSettings;

  constructor(options: HttpOptions = {}) {
    this.settings = {
      baseUrl: (options.url ?? '').replace(/\/+$/, ''),
      token: options.token,
      timeoutMs: options.timeoutMs ?? 30_000,
      // Bound: browsers refuse a fetch that is called as a method of something else.
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    };
  }

  /**
   * Which server to open a socket to, with a ticket for it that is good once, for 30 s. `avoid`: at most 8 servers that
   * were lost or not reached just now, which are passed over where there is another.
   */
  connect(
    request: { region?: string | undefined; avoid?: readonly string[] | undefined } = {},
    options: CallOptions = {},
  ): Promise<ConnectReply> {
    return this.send({ method: 'POST', path: '/v1/connect', json: request, ...options });
  }

  /** Starts the run or joins it; fields that are not yet known are filled in. */
  startRun(run: RunRef, description: RunDescription = {}, options: CallOptions = {}): Promise<StartRunReply> {
    return this.send({ method: 'PUT', path: pathOf(run), json: description, ...options });
  }

  /** `items` as objects, or as lines of NDJSON that were made before. One answer per item, at its index. */
  reportResults(
    run: RunRef,
    items: readonly ResultItemInput[] | string,
    context: ReportContext = {},
    options: CallOptions = {},
  ): Promise<ResultsReply> {
    const query = { shard: context.shardId, variant: context.variant, rerun: context.rerun };
    const content = typeof items === 'string' ? { body: items, contentType: 'application/x-ndjson' } : { json: items };
    return this.send({ method: 'POST', path: `${pathOf(run)}/results`, query, ...content, ...options });
  }

  /** One report file, as a whole or as a stream; a body that is a stream can be sent once only. */
  sendReport(
    run: RunRef,
    body: string | Blob | ReadableStream<Uint8Array>,
    report: ReportOptions = {},
    options: CallOptions = {},
  ): Promise<ReportReply> {
    return this.send({
      method: 'POST',
      path: `${pathOf(run)}/reports`,
      query: { shard: report.shardId, variant: report.variant, rerun: report.rerun, finish: report.finish },
      body,
      contentType: report.contentType ?? 'application/octet-stream',
      ...options,
    });
  }

  finishRun(
    run: RunRef,
    claim: { status?: ClaimedStatus | undefined } = {},
    options: CallOptions = {},
  ): Promise<EndRunReply> {
    return this.send({ method: 'POST', path: `${pathOf(run)}/finish`, json: claim, ...options });
  }

  cancelRun(run: RunRef, options: CallOptions = {}): Promise<EndRunReply> {
    return this.send({ method: 'POST', path: `${pathOf(run)}/cancel`, json: {}, ...options });
  }

  getRun(run: RunRef, options: CallOptions = {}): Promise<RunSummary> {
    return this.send({ method: 'GET', path: pathOf(run), ...options });
  }

  /** One page; `next` of the answer is `after` of the next call. */
  getTests(run: RunRef, query: TestsQuery = {}, options: CallOptions = {}): Promise<TestsPage> {
    return this.send({ method: 'GET', path: `${pathOf(run)}/tests`, query: { ...query }, ...options });
  }

  getTest(run: RunRef, testKey: string, options: CallOptions = {}): Promise<TestDetail> {
    return this.send({ method: 'GET', path: `${pathOf(run)}/tests/${encodeURIComponent(testKey)}`, ...options });
  }

  /** `testKey` may be `outputWithoutTest` for what belongs to no test. */
  getOutput(run: RunRef, testKey: string, query: OutputQuery = {}, options: CallOptions = {}): Promise<OutputPage> {
    const path = `${pathOf(run)}/tests/${encodeURIComponent(testKey)}/output`;
    return this.send({ method: 'GET', path, query: { ...query }, ...options });
  }

  listRuns(projectId: string, query: RunsQuery = {}, options: CallOptions = {}): Promise<Page<RunSummary>> {
    return this.send({ method: 'GET', path: `${projectPath(projectId)}/runs`, query: { ...query }, ...options });
  }

  /** Results of the project over time. */
  trends(projectId: string, query: TrendsQuery = {}, options: CallOptions = {}): Promise<Trends> {
    return this.send({ method: 'GET', path: `${projectPath(projectId)}/trends`, query: { ...query }, ...options });
  }

  listProjects(query: ProjectsQuery = {}, options: CallOptions = {}): Promise<Page<Project>> {
    return this.send({ method: 'GET', path: '/v1/projects', query: { ...query }, ...options });
  }

  createProject(project: NewProject, options: CallOptions = {}): Promise<Project> {
    return this.send({ method: 'POST', path: '/v1/projects', json: project, ...options });
  }

  createKey(key: NewApiKey, options: CallOptions = {}): Promise<CreatedApiKey> {
    return this.send({ method: 'POST', path: '/v1/keys', json: key, ...options });
  }

  listKeys(options: CallOptions = {}): Promise<{ items: ApiKey[] }> {
    return this.send({ method: 'GET', path: '/v1/keys', ...options });
  }

  async deleteKey(id: string, options: CallOptions = {}): Promise<void> {
    await this.send({ method: 'DELETE', path: `/v1/keys/${encodeURIComponent(id)}`, ...options });
  }

  /** A link that signs a browser in once, within ten minutes; its code is in the fragment, so that no server log has it. */
  createSignInLink(grants: Grants, options: CallOptions = {}): Promise<SignInLink> {
    return this.send({ method: 'POST', path: '/v1/sign-in-links', json: { grants }, ...options });
  }

  /** Takes the code of a sign-in link; the session cookie that comes back goes along with later calls of this origin. */
  signIn(code: string, options: CallOptions = {}): Promise<Session> {
    return this.send({ method: 'POST', path: '/v1/sign-in', json: { code }, ...options });
  }

  async signOut(options: CallOptions = {}): Promise<void> {
    await this.send({ method: 'POST', path: '/v1/sign-out', json: {}, ...options });
  }

  /** Who the caller is; throws `auth.required` when not signed in. */
  session(options: CallOptions = {}): Promise<Session> {
    return this.send({ method: 'GET', path: '/v1/session', ...options });
  }

  /** The servers of the cluster, its moves, log and projections; for admins of everything. The room `cluster` shows the same live. */
  cluster(options: CallOptions = {}): Promise<ClusterView> {
    return this.send({ method: 'GET', path: '/v1/admin/cluster', ...options });
  }

  /** Orders one round of moves; while moves are under way those are the answer. */
  rebalanceCluster(
    rebalance: { evenOut?: boolean } = {},
    options: CallOptions = {},
  ): Promise<{ moves: ClusterMove[] }> {
    return this.send({ method: 'POST', path: '/v1/admin/cluster/rebalance', json: rebalance, ...options });
  }

  /** The server stays up, takes nobody and gives away whom it has, until `undrainServer`. */
  drainServer(serverId: string, options: CallOptions = {}): Promise<{ moves: ClusterMove[] }> {
    return this.send({ method: 'POST', path: `${serverPath(serverId)}/drain`, json: {}, ...options });
  }

  async undrainServer(serverId: string, options: CallOptions = {}): Promise<void> {
    await this.send({ method: 'POST', path: `${serverPath(serverId)}/undrain`, json: {}, ...options });
  }

  private async send<T>(request: HttpRequest): Promise<T> {
    return (await sendRequest(this.settings, request)) as T;
  }
}

function serverPath(serverId: string): string {
  return `/v1/admin/cluster/servers/${encodeURIComponent(serverId)}`;
}

function projectPath(projectId: string): string {
  return `/v1/projects/${encodeURIComponent(projectId)}`;
}

function pathOf({ projectId, runId }: RunRef): string {
  return `${projectPath(projectId)}/runs/${encodeURIComponent(runId)}`;
}
