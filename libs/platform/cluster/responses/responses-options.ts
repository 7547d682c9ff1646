import type { KubernetesAutoscalerOptions } from './kubernetes-autoscaler.ts';

export const responsesOptions = Symbol('testcast:responses-options');

export interface ResponsesOptions {
  /** Whose least number of pods is raised while an alert asks for it; undefined: pods are nobody's here. */
  readonly autoscaler?: KubernetesAutoscalerOptions | undefined;
  /** Only tests change these: a response without news, between two looks, and after a failure. */
  readonly lastsMs?: number | undefined;
  readonly lookEveryMs?: number | undefined;
  readonly postponeMs?: number | undefined;
}
