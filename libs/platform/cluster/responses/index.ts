export { alertNotificationSchema, type AlertNotification } from './alert-notification.ts';
export { AlertResponder } from './alert-responder.ts';
export { ClusterResponses } from './cluster-responses.ts';
export { KubernetesAutoscaler, type KubernetesAutoscalerOptions } from './kubernetes-autoscaler.ts';
export { ResponsesModule } from './responses.module.ts';
