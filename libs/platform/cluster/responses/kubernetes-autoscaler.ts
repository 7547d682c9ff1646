import { z } from 'zod';
import { connectToKubernetes, type KubernetesAccess, type KubernetesClient } from './kubernetes-client.ts';

export interface KubernetesAutoscalerOptions extends KubernetesAccess {
  readonly namespace: string;
  readonly name: string;
}

const tries = 3;

const objectSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z.object({ minReplicas: z.int().min(0).default(1), maxReplicas: z.int().min(1) }),
  status: z.object({ currentReplicas: z.int().min(0).default(0) }).default({ currentReplicas: 0 }),
});

export interface AutoscalerState {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
}

/** One HorizontalPodAutoscaler (autoscaling/v2), of which two calls are made: `get` and `patch`. */
export class KubernetesAutoscaler {
  private client: Promise<KubernetesClient> | undefined;

  constructor(private readonly options: KubernetesAutoscalerOptions) {}

  /** Loads what it calls with, which takes half a second of the process; else it is loaded by the first call. */
  load(): Promise<KubernetesClient> {
    return (this.client ??= connectToKubernetes(this.options));
  }

  async read(): Promise<AutoscalerState> {
    const { spec, status } = await this.object();
    return { ...spec, ...status };
  }

  /** Changes nothing else, and nothing that was changed since it was looked at. */
  async setMinReplicas(minReplicas: number): Promise<void> {
    const { autoscaling, merging, refusalOf } = await this.load();
    const { namespace, name } = this.options;
    for (let attempt = 1; ; attempt++) {
      const { resourceVersion } = (await this.object()).metadata;
      const body = { metadata: { resourceVersion }, spec: { minReplicas } };
      try {
        await autoscaling.patchNamespacedHorizontalPodAutoscaler({ namespace, name, body }, merging());
        return;
      } catch (thrown) {
        const { status, error } = refusalOf(thrown);
        if (status !== 409 || attempt === tries) throw error;
      }
    }
  }

  private async object(): Promise<z.infer<typeof objectSchema>> {
    const { autoscaling, refusalOf } = await this.load();
    const { namespace, name } = this.options;
    try {
      return objectSchema.parse(await autoscaling.readNamespacedHorizontalPodAutoscaler({ namespace, name }));
    } catch (thrown) {
      throw refusalOf(thrown).error;
    }
  }
}
